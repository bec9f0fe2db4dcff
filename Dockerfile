# The suite as an image: no root, and no write outside of /work (reports) and /tmp.
#   docker build -t conformance .
#   docker run --rm --read-only --tmpfs /tmp --user "$(id -u)" -v "$PWD:/work" \
#     -e CONFORMANCE_BASE_URL -e CONFORMANCE_API_KEY -e CONFORMANCE_OTHER_API_KEY conformance run
FROM python:3.12-slim-bookworm AS build
WORKDIR /src
COPY requirements/run.txt requirements/
RUN python -m venv /opt/conformance \
    && /opt/conformance/bin/pip install --no-cache-dir --quiet --require-hashes -r requirements/run.txt
COPY pyproject.toml README.md LICENSE openapi.yaml schemathesis.toml ./
COPY conformance conformance
RUN /opt/conformance/bin/pip install --no-cache-dir --quiet --no-deps --no-build-isolation . \
    && /opt/conformance/bin/python -m compileall -q /opt/conformance/lib

FROM python:3.12-slim-bookworm
COPY --from=build /opt/conformance /opt/conformance
ENV PATH=/opt/conformance/bin:$PATH HOME=/tmp PYTHONDONTWRITEBYTECODE=1
WORKDIR /work
USER 65532:65532
ENTRYPOINT ["conformance"]
CMD ["run"]
