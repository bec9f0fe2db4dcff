"use strict";
(function () {
  // Copy buttons. Without a script the command can still be selected.
  document.querySelectorAll(".curl").forEach(function (box) {
    if (!navigator.clipboard) return;
    var code = box.querySelector("code");
    var button = document.createElement("button");
    button.type = "button";
    button.textContent = "Copy";
    button.addEventListener("click", function () {
      navigator.clipboard.writeText(code.textContent).then(function () {
        button.textContent = "Copied";
        setTimeout(function () { button.textContent = "Copy"; }, 1500);
      });
    });
    box.appendChild(button);
  });

  // Search and filter of problems and requirements, kept in the fragment of the URL: #q=has_more&outcome=failed
  var tools = document.getElementById("filter");
  if (tools) {
    var words = tools.querySelector("input");
    var choice = tools.querySelector("select");
    var status = tools.querySelector("output");
    var isFilter = function () { return /^#(q|outcome)=/.test(location.hash); };
    var apply = function () {
      var wanted = words.value.trim().toLowerCase();
      var shown = 0;
      var fits = function (item) {
        return (!choice.value || item.dataset.outcome === choice.value) &&
          (!wanted || item.textContent.toLowerCase().indexOf(wanted) >= 0);
      };
      document.querySelectorAll("article[data-outcome]").forEach(function (item) { item.hidden = !fits(item); });
      document.querySelectorAll("#requirements tbody").forEach(function (body) {
        var any = false;
        body.querySelectorAll("tr[data-outcome]").forEach(function (row) {
          row.hidden = !fits(row);
          any = any || !row.hidden;
          shown += row.hidden ? 0 : 1;
        });
        body.hidden = !any;
      });
      status.textContent = shown + (shown === 1 ? " requirement" : " requirements");
    };
    var remember = function () {
      var parts = new URLSearchParams();
      if (words.value) parts.set("q", words.value);
      if (choice.value) parts.set("outcome", choice.value);
      var text = parts.toString();
      history.replaceState(null, "", text ? "#" + text : location.pathname + location.search);
      apply();
    };
    var read = function () {
      var parts = new URLSearchParams(isFilter() ? location.hash.slice(1) : "");
      words.value = parts.get("q") || "";
      choice.value = parts.get("outcome") || "";
      apply();
    };
    words.addEventListener("input", remember);
    choice.addEventListener("change", remember);
    tools.hidden = false;
    read();
    window.addEventListener("hashchange", function () {
      if (isFilter()) { read(); return; }
      // A link to something hidden clears the filter; one to a folded exchange opens it.
      var item = document.getElementById(decodeURIComponent(location.hash.slice(1)));
      if (item && item.closest("[hidden]")) {
        words.value = "";
        choice.value = "";
        apply();
      }
      if (item && item.tagName === "DETAILS") item.open = true;
      if (item) item.scrollIntoView();
    });
  }

  // Open all details for printing, and close them afterwards.
  var opened = [];
  window.addEventListener("beforeprint", function () {
    opened = Array.from(document.querySelectorAll("details:not([open])"));
    opened.forEach(function (item) { item.open = true; });
  });
  window.addEventListener("afterprint", function () {
    opened.forEach(function (item) { item.open = false; });
  });
})();
