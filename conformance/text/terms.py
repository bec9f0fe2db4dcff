"""Words that belong to no profile: stop words, and search terms that must find nothing."""

from __future__ import annotations

from functools import lru_cache
from string import ascii_lowercase

STOP_WORDS = frozenset(
    # English stop words of at least three letters, which full-text engines drop, and forms of address.
    [
        "about",
        "above",
        "after",
        "again",
        "against",
        "all",
        "and",
        "any",
        "are",
        "because",
        "been",
        "before",
        "being",
        "below",
        "between",
        "both",
        "but",
        "can",
        "did",
        "does",
        "doing",
        "don",
        "down",
        "during",
        "each",
        "few",
        "for",
        "from",
        "further",
        "had",
        "has",
        "have",
        "having",
        "her",
        "here",
        "hers",
        "herself",
        "him",
        "himself",
        "his",
        "how",
        "into",
        "its",
        "itself",
        "just",
        "more",
        "most",
        "myself",
        "nor",
        "not",
        "now",
        "off",
        "once",
        "only",
        "other",
        "our",
        "ours",
        "ourselves",
        "out",
        "over",
        "own",
        "same",
        "she",
        "should",
        "some",
        "such",
        "than",
        "that",
        "the",
        "their",
        "theirs",
        "them",
        "themselves",
        "then",
        "there",
        "these",
        "they",
        "this",
        "those",
        "through",
        "too",
        "under",
        "until",
        "very",
        "was",
        "were",
        "what",
        "when",
        "where",
        "which",
        "while",
        "who",
        "whom",
        "why",
        "will",
        "with",
        "you",
        "your",
        "yours",
        "yourself",
        "may",
        "might",
        "must",
        "per",
        "via",
        "prof",
        "professor",
        "miss",
        "mrs",
        "mister",
        "sir",
        "dame",
        "rev",
        "doctor",
        "nurse",
        "www",
        "com",
        "org",
        "net",
        "http",
        "https",
    ]
)

NONSENSE = "zqxjkvwpf"
"""A word that is no name, for search terms that must find nothing."""

NULL = "null"
"""A word that is a value in other places."""

MADE_UP = "zqx"
"""In every term of several words that the suite made up; others consist of words of profiles."""

ABSENT = (NONSENSE, "qqzzvvjjxx", "wxyqzzkj")
"""Words that are unlikely in a directory; the first that it lacks is the term that must find nothing."""

LONG_TERM = " ".join(f"{NONSENSE[:7]}{one}{two}" for one in "abcdef" for two in ascii_lowercase[1:])
"""A term of 150 different words, 1,499 characters; some servers accept query strings of up to 2,048 only."""

DIRECTORIES = "usr|home|var|opt|srv|app|etc|root|tmp|mnt|workspace|Users|code|site-packages"
"""Directories at the start of the path of a file, as alternatives of a pattern."""


@lru_cache(maxsize=1)
def engine_stop_words() -> frozenset[str]:
    """Return the English stop words of any known search engine: the union of the published lists."""
    import stopwordsiso  # takes a tenth of a second

    return frozenset(stopwordsiso.stopwords("en"))
