#!/usr/bin/env bash
# A base image without a registry, out of this machine's own Debian: base.sh FOLDER
# Makes FOLDER/tree, a Debian 12 with Python, which Apptainer and buildah both take. For tests:
# users get the public image that the recipes name.
set -euo pipefail
folder=$1
mkdir -p "$folder"
mmdebstrap --quiet --variant=minbase --include=python3,python3-venv,ca-certificates \
  bookworm "$folder/tree"
# pip and uv inside go to the same indexes, and trust the same certificates, as outside.
cp /etc/ssl/certs/ca-certificates.crt "$folder/tree/etc/ssl/certs/"
printf '[global]\ncert = /etc/ssl/certs/ca-certificates.crt\n' >"$folder/tree/etc/pip.conf"
mkdir -p "$folder/tree/etc/uv"
echo 'native-tls = true' >"$folder/tree/etc/uv/uv.toml"
