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

  // Search and filter of the table of requirements.
  var tools = document.getElementById("filter");
  if (tools) {
    var words = tools.querySelector("input");
    var choice = tools.querySelector("select");
    var status = tools.querySelector("output");
    var apply = function () {
      var wanted = words.value.trim().toLowerCase();
      var shown = 0;
      document.querySelectorAll("#requirements tbody").forEach(function (body) {
        var any = false;
        body.querySelectorAll("tr[data-outcome]").forEach(function (row) {
          var fits = (!choice.value || row.dataset.outcome === choice.value) &&
            (!wanted || row.textContent.toLowerCase().indexOf(wanted) >= 0);
          row.hidden = !fits;
          any = any || fits;
          shown += fits ? 1 : 0;
        });
        body.hidden = !any;
      });
      status.textContent = shown + " shown";
    };
    words.addEventListener("input", apply);
    choice.addEventListener("change", apply);
    tools.hidden = false;
    // A link to a hidden requirement clears the filter.
    window.addEventListener("hashchange", function () {
      var row = document.getElementById(decodeURIComponent(location.hash.slice(1)));
      if (row && row.closest("[hidden]")) {
        words.value = "";
        choice.value = "";
        apply();
        row.scrollIntoView();
      }
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
