#!/bin/sh
# On a machine that is really fresh: makes a bare Debian in a folder, copies this clone in, and runs there what the README says.
#
#     scripts/fresh_machine.sh SUITE FOLDER [COMMAND...]      bookworm (Python 3.11) or trixie (3.13); by default ./demo, then ./test
#
# Needs root and debootstrap. The archive's address is that of this machine's own apt (or DEBIAN_MIRROR), the package index that
# of the environment (PIP_*); certificates this machine trusts are trusted there too. FOLDER is kept: look at it, then remove it.
set -eu

[ $# -ge 2 ] || { echo "usage: $0 SUITE FOLDER [COMMAND...]" >&2; exit 2; }
suite=$1 root=$2
shift 2
[ $# -gt 0 ] || set -- ./demo ./test
here=$(cd "$(dirname "$0")/.." && pwd)
[ "$(id -u)" = 0 ] || { echo "$0: needs root" >&2; exit 2; }
command -v debootstrap >/dev/null || { echo "$0: needs debootstrap: apt install debootstrap" >&2; exit 2; }
mirror=${DEBIAN_MIRROR:-$(apt-get indextargets --format '$(SITE)' | grep -v security | head -n 1)}
[ -n "$mirror" ] || { echo "$0: apt knows no archive; name one in DEBIAN_MIRROR" >&2; exit 2; }

# Bare, and what the README asks for: git and Python with venv. (Recommended packages are what an installation has.)
[ -e "$root/etc/debian_version" ] || debootstrap --include=git,ca-certificates,python3,python3-venv "$suite" "$root" "$mirror" >&2
if [ -d /usr/local/share/ca-certificates ]; then cp -r /usr/local/share/ca-certificates "$root/usr/local/share/"; fi
cp /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/ca-certificates.crt"
cp /etc/resolv.conf "$root/etc/resolv.conf"
for mount in proc sys dev; do
    mkdir -p "$root/$mount"
    mountpoint -q "$root/$mount" || mount --rbind "/$mount" "$root/$mount"
    mount --make-rslave "$root/$mount"
done
trap 'umount -R "$root/proc" "$root/sys" "$root/dev" || true' EXIT INT TERM

rm -rf "$root/home/reader"
mkdir -p "$root/home/reader"
git clone --quiet "$here" "$root/home/reader/hometruth"
variables=$(env | grep '^PIP_' | grep -v '^PIP_FIND_LINKS' || true)
code=0
for command in "$@"; do
    echo "== $suite, $(chroot "$root" python3 --version): $command" >&2
    start=$(date +%s)
    # shellcheck disable=SC2086  # one variable a word
    chroot "$root" env -i HOME=/root LANG=C.UTF-8 PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin $variables \
        sh -c 'cd /home/reader/hometruth && exec sh -c "$1"' sh "$command" && last=0 || last=$?
    echo "== $suite: $command ended with $last after $(($(date +%s) - start)) s" >&2
    [ "$last" = 0 ] || code=$last
done
exit "$code"
