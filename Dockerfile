# syntax=docker/dockerfile:1
# Two images from one file: `--target web` holds no model or statistics library, `--target worker` holds all of them.
FROM python:3.11-slim AS base
ENV PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    PIP_NO_CACHE_DIR=1 \
    PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PATH=/venv/bin:$PATH \
    PYTHONPATH=/app \
    DJANGO_SETTINGS_MODULE=portal.settings \
    TOLLGATE_DATA=/data \
    TOLLGATE_STATIC=/app/collected \
    TOLLGATE_MANIFEST_STATIC=1
WORKDIR /app
RUN useradd --uid 10001 --create-home tollgate && install -d -o tollgate -g tollgate /data

FROM base AS web-libraries
RUN python -m venv /venv
COPY requirements-web.txt ./
RUN pip install -r requirements-web.txt

FROM web-libraries AS worker-libraries
COPY requirements.txt ./
RUN pip install -r requirements.txt

# The code, and the static files under names that carry their hash.
FROM base AS code
COPY --from=web-libraries /venv /venv
COPY manage.py ./
COPY portal portal
COPY lifecycle lifecycle
COPY explain explain
COPY foundation foundation
COPY demo demo
COPY templates templates
COPY static static
RUN TOLLGATE_DATA=/tmp/build TOLLGATE_SECRET_KEY=only-while-the-image-is-built python manage.py collectstatic --noinput \
    && python -m compileall -q portal lifecycle explain foundation demo

FROM base AS worker
COPY --from=worker-libraries /venv /venv
COPY --from=code /app /app
USER tollgate
VOLUME /data
CMD ["celery", "-A", "portal.celery", "--quiet", "worker", "-Q", "default,explanations,reports", "-c", "2", \
     "--without-gossip", "--without-mingle", "-l", "WARNING"]
HEALTHCHECK --interval=60s --timeout=30s --start-period=120s CMD ["python", "manage.py", "worker_alive"]

# The last target, so that a plain build gives the web image.
FROM code AS web
USER tollgate
VOLUME /data
EXPOSE 8000
CMD ["python", "-m", "gunicorn", "-c", "python:foundation.jobs.supervisor.web"]
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s CMD ["python", "-c", \
    "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
