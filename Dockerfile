# The locked environment and this package; for Apptainer see envs/rise.def, for both docs/containers.md.
#   docker build -t rise-bench .
#   docker run --rm --gpus all rise-bench selftest --device cuda
#
# Plain Python is base enough for GPUs: torch's wheels carry the CUDA runtime, cuDNN and NCCL, and the
# driver comes in from the host with --gpus. An nvidia/cuda base would add the same libraries twice.
ARG BASE=docker.io/library/python:3.11.13-slim-bookworm
FROM ${BASE}

WORKDIR /opt/rise
COPY pyproject.toml README.md LICENSE ./
COPY envs/ envs/
COPY rise/__init__.py rise/
RUN export UV_NO_CACHE=1 PIP_NO_CACHE_DIR=1 \
 && envs/install.sh python3 /opt/venv \
 && useradd --uid 1000 --no-create-home --home-dir /tmp rise

# The code comes last: another version of it re-uses the 6 GB layer above.
COPY rise/ rise/
RUN /opt/venv/bin/python -m compileall -q rise

ENV PATH=/opt/venv/bin:/usr/local/bin:/usr/bin:/bin LC_ALL=C.UTF-8 \
    PYTHONNOUSERSITE=1 PYTHONDONTWRITEBYTECODE=1 \
    HOME=/tmp XDG_CACHE_HOME=/tmp/.cache MPLCONFIGDIR=/tmp/matplotlib \
    NVIDIA_VISIBLE_DEVICES=all NVIDIA_DRIVER_CAPABILITIES=compute,utility \
    RISE_IMAGE="an image whose digest was not given"

ARG VERSION=unknown REVISION=unknown
LABEL org.opencontainers.image.title="rise-bench" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"

USER rise
WORKDIR /project
# Once an hour: the check trains on a core that jobs need.
HEALTHCHECK --interval=1h --timeout=2m CMD ["rise", "selftest"]
ENTRYPOINT ["rise"]
