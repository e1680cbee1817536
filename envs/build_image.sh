#!/usr/bin/env bash
# Build the Apptainer image: envs/build_image.sh IMAGE [BASE]
# BASE is a docker:// address or a local image; by default the public one that envs/rise.def names.
set -euo pipefail
cd "$(dirname "$0")/.."
image=$1 base=${2:-}
needed_gb=14 # the unpacked tree (7 GB), its image (4 GB), and room to write

command -v apptainer >/dev/null || {
  echo "rise: make image needs Apptainer, which is not on PATH; see https://apptainer.org/docs/admin/main/installation.html" >&2
  exit 1
}
parent=${APPTAINER_TMPDIR:-${TMPDIR:-/tmp}}
echo "Image $image: about $needed_gb GB of free disk in $parent while it is built, 4 GB afterwards; 2 to 5 minutes."
free_gb=$(($(df --output=avail -k "$parent" | tail -n 1) / 1024 / 1024))
[ "$free_gb" -ge "$needed_gb" ] || {
  echo "rise: $parent has $free_gb GB free, $needed_gb are needed; name another folder: APPTAINER_TMPDIR=/big/disk make image" >&2
  exit 1
}

# All intermediate trees lie in one folder, which goes when this script does.
scratch=$(mktemp -d -p "$parent" rise-image.XXXXXX)
trap 'rm -rf "$scratch"' EXIT
export APPTAINER_TMPDIR=$scratch

arguments=(
  --build-arg "VERSION=$(sed -n 's/^version = "\(.*\)"/\1/p' pyproject.toml)"
  --build-arg "REVISION=$(git describe --always --abbrev=40 --exclude='*' --dirty 2>/dev/null || echo unknown)"
)
case $base in
  "") ;;
  docker://*) arguments+=(--build-arg BOOTSTRAP=docker --build-arg "BASE=${base#docker://}") ;;
  *) arguments+=(--build-arg BOOTSTRAP=localimage --build-arg "BASE=$base") ;;
esac
cache=${UV_CACHE_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/uv}
[ -d "$cache" ] && arguments+=(--bind "$cache:/mnt")

apptainer --quiet build "${arguments[@]}" --mksquashfs-args "-comp zstd -Xcompression-level 3" \
  "$scratch/image.sif" envs/rise.def
mv "$scratch/image.sif" "$image.part" # over to the image's own disk, then in one step
mv "$image.part" "$image"
echo "Built $image, $(du -h "$image" | cut -f1)."
