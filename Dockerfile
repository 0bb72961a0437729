# The tests run on this version; any from 3.11 on has wheels for everything in the lock.
ARG PYTHON=3.11
ARG DEBIAN=bookworm

FROM python:${PYTHON}-slim-${DEBIAN} AS build
WORKDIR /build
COPY requirements.lock requirements-run.lock ./
# uv by its own hash from the lock, then everything the bot runs on by theirs.
RUN awk '/^[^ #]/ { on = /^uv==/ } on' requirements.lock > uv.lock \
    && pip install --no-cache-dir --disable-pip-version-check --require-hashes --no-deps -r uv.lock \
    && python -m venv --without-pip /venv \
    && uv pip sync --no-cache --python /venv/bin/python --only-binary :all: --require-hashes \
        --compile-bytecode requirements-run.lock
COPY bot /app/bot
COPY core /app/core
COPY migrations /app/migrations
RUN python -m compileall -q /app/bot /app/core

FROM python:${PYTHON}-slim-${DEBIAN}
# Debian keeps only the newest version of a package, so a pinned one would soon be gone.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates tini \
    && rm -rf /var/lib/apt/lists/* \
    && groupadd --gid 10001 bot \
    && useradd --uid 10001 --gid bot --no-create-home --home-dir /nonexistent \
        --shell /usr/sbin/nologin bot \
    && install -d -m 0700 -o bot -g bot /data
COPY --from=build /venv /venv
COPY --from=build /app /app
COPY LICENSE /app/
WORKDIR /app
ENV PATH=/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    DATA_DIR=/data \
    METRICS_PORT=9090
# A number, so that Kubernetes sees that it is not root.
USER 10001:10001
VOLUME /data
STOPSIGNAL SIGTERM
# http.client, because HTTP_PROXY is for the way out alone.
HEALTHCHECK --interval=30s --timeout=5s --start-period=120s --retries=3 \
    CMD ["python", "-Ic", "import http.client, os, sys; c = http.client.HTTPConnection('127.0.0.1', int(os.environ['METRICS_PORT']), timeout=4); c.request('GET', '/healthz'); sys.exit(c.getresponse().status != 200)"]
# tini collects what the programs that read files may leave behind.
ENTRYPOINT ["tini", "--", "python", "-m", "bot"]
CMD ["run"]
