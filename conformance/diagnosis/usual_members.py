"""What usually causes a wrong member of a profile, and its fix, by a word of what is stated of it."""

from __future__ import annotations

USUALLY = (
    (
        "is missing",
        "the serializer leaves out members without a value, or the query reads fewer columns",
        "send all 17 members in every profile, with null where there is no value",
    ),
    (
        "empty string",
        "the language has no null for texts (Go, PHP), or a serializer has a default value",
        "send null where there is no value: use a type that can be null",
    ),
    (
        "is null",
        "the query for this response reads fewer columns, or a conversion that fails yields null",
        "read the member from the same columns in every query",
    ),
    (
        "0 or 1",
        "the database has no booleans (MySQL, SQLite), and the driver returns its numbers",
        "convert the column to a boolean in the model",
    ),
    (
        "zone",
        "timestamps are formatted without their zone, or local time is labelled as UTC",
        "keep timestamps in UTC, and format them in one place as RFC 3339 with `Z`",
    ),
    (
        "timestamp",
        "timestamps are formatted by the default of the language",
        "format timestamps in one place as RFC 3339 with `Z`",
    ),
    (
        "has the value of",
        "two columns are mapped to one member, or a default takes the value of another column",
        "map each member to its own column",
    ),
    (
        "is cut",
        "a column, a summary or a serializer limits the length",
        "send the whole value in every response",
    ),
    (
        "instead of a string",
        "the value is converted by what it looks like, or its relation is embedded",
        "declare the member as a text, and convert nothing",
    ),
    (
        "tags of HTML",
        "the search engine marks what it found, and the marked text is sent in place of the value",
        "send the stored value in every response",
    ),
    (
        "question marks",
        "the response passes a character set that lacks these letters",
        "use UTF-8 from the database to the response",
    ),
    (
        "changes from response to response",
        "the value is computed when the response is made, or replicas differ",
        "send the value that is stored",
    ),
)
OTHERWISE = (
    "two serializers or queries make the same profile, and one of them changes the value",
    "make every profile with one serializer",
)
