"""Refusals: each way in which a request is not answered with data."""

from __future__ import annotations

from collections.abc import Mapping


class Refusal(Exception):
    """Raised anywhere while a request is answered; becomes the error envelope.

    ``status`` is the HTTP status, ``code`` a word in UPPER_SNAKE, ``message`` one sentence that holds
    nothing from inside the server, ``headers`` what this refusal adds to those of every response.
    """

    def __init__(
        self, status: int, code: str, message: str, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.headers = dict(headers or {})


class Refusals:
    """One method for each refusal. Each gives the exception, and the caller raises it."""

    allowed_methods: tuple[str, ...] = ("GET", "HEAD")

    def unauthorized(self) -> Refusal:
        """401: no key, or none that is valid. Nothing tells which, nor whether an id exists."""
        return Refusal(
            401,
            "UNAUTHORIZED",
            "A valid API key is required: Authorization: Bearer <key>.",
            {"WWW-Authenticate": "Bearer"},
        )

    def forbidden(self, scope: str) -> Refusal:
        """403: a valid key that lacks the scope."""
        return Refusal(403, "FORBIDDEN", f"This API key lacks the scope {scope}.")

    def path_not_found(self) -> Refusal:
        """404: no resource has this path."""
        return Refusal(404, "NOT_FOUND", "There is no such resource.")

    def profile_not_found(self) -> Refusal:
        """404: no clinician of the organisation has this id. The id is not repeated in the answer."""
        return Refusal(404, "NOT_FOUND", "There is no clinician profile with this id.")

    def method_not_allowed(self) -> Refusal:
        """405: the resource can only be read."""
        return Refusal(
            405,
            "METHOD_NOT_ALLOWED",
            "This resource is read-only.",
            {"Allow": ", ".join(self.allowed_methods)},
        )

    def invalid_parameter(self, name: str, expected: str) -> Refusal:
        """400: ``name`` is the parameter, ``expected`` what it must be."""
        return Refusal(400, "INVALID_PARAMETER", f"{name} must be {expected}.")

    def rate_limited(self, retry_after: int) -> Refusal:
        """429: the key has used up its hour. ``retry_after`` in seconds."""
        return Refusal(
            429,
            "RATE_LIMITED",
            "This API key has made too many requests in this hour.",
            {"Retry-After": str(retry_after)},
        )

    def internal_error(self, error: Exception) -> Refusal:  # noqa: ARG002
        """500: something is wrong in the server. What, is for its log and not for the answer."""
        return Refusal(500, "INTERNAL_ERROR", "The server could not answer this request.")
