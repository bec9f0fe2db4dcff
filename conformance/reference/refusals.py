"""Refusals: every error response of the API."""

from __future__ import annotations

from collections.abc import Mapping


class Refusal(Exception):
    """An error response, raised anywhere during a request.

    ``status`` is the HTTP status, ``code`` a word in UPPER_SNAKE. ``message`` is one sentence that reveals
    nothing about the server's internals. ``headers`` are added to the usual headers.
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
    """One method for each refusal. It returns the exception; the caller raises it."""

    allowed_methods: tuple[str, ...] = ("GET", "HEAD")

    def unauthorized(self) -> Refusal:
        """401: no valid key. The response does not reveal the reason, nor whether an id exists."""
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
        """404: no clinician of the organisation has this id. The response does not repeat the id."""
        return Refusal(404, "NOT_FOUND", "There is no clinician profile with this id.")

    def method_not_allowed(self) -> Refusal:
        """405: the resource is read-only."""
        return Refusal(
            405,
            "METHOD_NOT_ALLOWED",
            "This resource is read-only.",
            {"Allow": ", ".join(self.allowed_methods)},
        )

    def invalid_parameter(self, name: str, expected: str) -> Refusal:
        """400: ``name`` is the parameter, ``expected`` describes its valid values."""
        return Refusal(400, "INVALID_PARAMETER", f"{name} must be {expected}.")

    def rate_limited(self, retry_after: int) -> Refusal:
        """429: the key has reached its limit. ``retry_after`` is in seconds."""
        return Refusal(
            429,
            "RATE_LIMITED",
            "This API key has made too many requests in this hour.",
            {"Retry-After": str(retry_after)},
        )

    def internal_error(self, error: Exception) -> Refusal:  # noqa: ARG002
        """500: an unexpected error. Details go to the server's log, not to the response."""
        return Refusal(500, "INTERNAL_ERROR", "The server could not answer this request.")
