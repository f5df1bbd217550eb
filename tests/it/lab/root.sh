#!/bin/bash
# root.sh DIR SUITE PACKAGE…: makes DIR a root folder of Debian's SUITE that has what is essential, bash among it, and the packages.
# As root; from the mirror that apt-get uses here. DIR is there when all of it is.
set -euo pipefail
folder=$1 suite=$2
shift 2
if [ -d "$folder" ]; then
    exit
fi
if [ "$(id -u)" != 0 ]; then
    echo "only root can build it" >&2
    exit 1
fi
if ! command -v mmdebstrap > /dev/null; then
    install() { DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=300 "$@" < /dev/null > /dev/null; }
    tools=(mmdebstrap debian-archive-keyring)
    install install -y --no-install-recommends "${tools[@]}" 2> /dev/null \
        || { install update && install install -y --no-install-recommends "${tools[@]}"; }
fi
# Empty where apt-get knows no Debian: the usual mirror.
mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Origin: Debian' 'Label: Debian' | head -n 1)
mkdir -p "${folder%/*}"
made=$(mktemp -d "$folder.XXXXXX")
trap 'rm -rf -- "$made"' EXIT
mmdebstrap --quiet --mode=root --variant=essential --include="$*" --aptopt='Acquire::Languages "none"' \
    --dpkgopt=force-unsafe-io --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' \
    --dpkgopt='path-exclude=/usr/share/locale/*' --skip=cleanup/reproducible "$suite" "$made" ${mirror:+"$mirror"}
chmod 755 "$made"
# Another one may have been at it too.
mv -T -- "$made" "$folder" 2> /dev/null || [ -d "$folder" ]
