# The crawler as an image: `docker build -t usufruct:0.1.0 .`, then compose.yaml, or docs/operations.md.
# Packages are installed by hash and built once; the last stage has neither sources of packages nor a compiler.
ARG PYTHON=3.11.13-slim-bookworm

FROM python:${PYTHON} AS packages
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /build
COPY requirements.txt requirements-image.txt ./
# robotexclusionrulesparser comes as source only: it is built by the setuptools that is pinned here, and no other.
RUN python -m venv /opt/venv \
    && sed -n '/^setuptools==/,/# via/p' requirements.txt > setuptools.txt \
    && /opt/venv/bin/pip install --require-hashes --only-binary :all: -r setuptools.txt \
    && /opt/venv/bin/pip install --require-hashes --no-deps --no-build-isolation --only-binary :all: \
        --no-binary robotexclusionrulesparser -r requirements.txt -r requirements-image.txt \
    && /opt/venv/bin/pip check
COPY scrapy.cfg /opt/usufruct/
COPY policies /opt/usufruct/policies/
COPY crawler /opt/usufruct/crawler/
RUN /opt/venv/bin/python -m compileall -q --invalidation-mode unchecked-hash /opt/usufruct/crawler

FROM python:${PYTHON}
ARG VERSION=0.1.0
LABEL org.opencontainers.image.title="usufruct" \
      org.opencontainers.image.description="A crawler for AI training data that reads every opt-out and proves it" \
      org.opencontainers.image.version="${VERSION}"
# Fixed numbers, so that files on a volume keep their owner from image to image.
RUN groupadd --system --gid 10001 usufruct \
    && useradd --system --uid 10001 --gid 10001 --home-dir /data --no-create-home --shell /usr/sbin/nologin usufruct \
    && install -d -o 10001 -g 10001 -m 0750 /data /keys /cache
COPY --from=packages /opt/venv /opt/venv
COPY --from=packages /opt/usufruct /opt/usufruct
# /data: crawls; /keys: what signs them and makes their pseudonyms, kept apart; /cache: indexes, which can be deleted.
# PYTHONSAFEPATH: no program is taken from the folder that pages are written into.
ENV PATH=/opt/venv/bin:${PATH} \
    PYTHONPATH=/opt/usufruct \
    PYTHONSAFEPATH=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    SCRAPY_SETTINGS_MODULE=crawler.container_settings \
    XDG_STATE_HOME=/keys \
    XDG_CACHE_HOME=/cache \
    MALLOC_ARENA_MAX=2
USER 10001:10001
WORKDIR /data
VOLUME ["/data", "/keys", "/cache"]
# Once: ends cleanly and publishes what was begun. It need not: nothing is lost by a kill (docs/operations.md).
STOPSIGNAL SIGTERM
# Of the command below; other commands have their own in compose.yaml. Without compose: `docker run --init`.
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s --retries=3 \
    CMD ["python", "-m", "crawler.healthcheck", "http://127.0.0.1:9410/health"]
ENTRYPOINT ["scrapy"]
CMD ["jobs", "serve", "--file", "/etc/usufruct/jobs.yaml", "--listen", "127.0.0.1:9410"]
