#!/usr/bin/env bash
# Install Apptainer on Debian 12 as root, for CI: install_apptainer.sh
# Debian 12 has no package of it. Debian unstable's needs a newer glibc only for the C23 twins of
# strtol, so its two programs are made to use the elder ones (relax_glibc.py). Users take the
# project's own packages: https://apptainer.org/docs/admin/main/installation.html
set -euo pipefail
command -v apptainer >/dev/null && exit
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Unstable's package from the mirror in use, without touching the system's own lists.
mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Codename: bookworm' 'Created-By: Packages' | head -n 1)
echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror unstable main" >"$work/list"
mkdir -p "$work/lists/partial"
apt=(apt-get -qq -o "Dir::Etc::sourcelist=$work/list" -o Dir::Etc::sourceparts=- -o "Dir::State::lists=$work/lists"
  -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= -o APT::Sandbox::User=root)
"${apt[@]}" update
(cd "$work" && "${apt[@]}" download apptainer)

dpkg-deb --raw-extract "$work"/apptainer_*.deb "$work/tree"
python3 "$here/relax_glibc.py" "$work/tree/usr/bin/apptainer" "$work"/tree/usr/lib/*/apptainer/bin/starter
sed -i -E 's/^(Version: .*)/\1~bookworm/; s/libc6 \(>= [0-9.]+\)/libc6/' "$work/tree/DEBIAN/control"
rm "$work/tree/DEBIAN/md5sums"
dpkg-deb --build -Znone "$work/tree" "$work/apptainer.deb" >/dev/null
apt-get -qq install -y --no-install-recommends "$work/apptainer.deb" >/dev/null

# In a container or micro-VM root may lack a capability, and cannot hand out all of them.
permitted=$(capsh --decode="$(awk '/CapPrm/ {print $2}' /proc/self/status)" | sed 's/.*=//')
if [ "$(tr ',' '\n' <<<"$permitted" | wc -l)" -lt "$(apptainer capability avail | grep -c '^CAP_')" ]; then
  apptainer config global --set "root default capabilities" file
  apptainer capability add --user root "${permitted^^}" 2>/dev/null
fi
