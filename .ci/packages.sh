# SPDX-License-Identifier: Apache-2.0
#
# Debian packages, installed only where they are missing. For check and quickstart, which source it.

PACKAGES_BUILD="gcc libc6-dev meson ninja-build pkg-config libisal-dev liblzma-dev libzstd-dev
    zlib1g-dev libcurl4-openssl-dev libssl-dev libsqlite3-dev libjansson-dev libmicrohttpd-dev libbrotli-dev libseccomp-dev
    libcyaml-dev libidn2-dev libsodium-dev libmnl-dev libpcap-dev libunbound-dev libpango1.0-dev liburing-dev libxml2-dev iso-codes gettext ca-certificates"
PACKAGES_TEST="clang libclang-rt-14-dev llvm clang-format clang-tidy cppcheck binutils libcmocka-dev libbz2-dev libgsl-dev
    python3 python3-dnspython python3-spf python3-yaml gzip bzip2 xz-utils zstd sqlite3 groff man-db mawk git procps nftables iproute2 radvd bgpdump bird2 frr
    curl iputils-ping tayga nginx-light openssl util-linux ndisc6 unbound bind9 nsd knot kea-dhcp6-server
    wide-dhcpv6-client dhcpcd-base opensmtpd h2o lighttpd lighttpd-mod-openssl bind9-dnsutils bind9-utils python3-cryptography dnsperf python3-scapy isc-dhcp-client tshark libcoap3-bin chromium-headless-shell fonts-droid-fallback"

as_root() {
    if [[ $(id -u) -eq 0 ]]; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo -- "$@"
    else
        echo "Packages are missing; as root, type: $*" >&2
        return 1
    fi
}

apt() {
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -o Dpkg::Use-Pty=0 \
        -o Acquire::Retries=2 -o Acquire::http::Timeout=30 "$@"
}

missing_packages() { # packages...
    local package
    for package in "$@"; do
        [[ $(dpkg-query -W -f '${db:Status-Abbrev}' "$package" 2>/dev/null) == ii* ]] ||
            printf '%s ' "$package"
    done
}

# Container images leave out translations; the names of economies are made from those of iso-codes.
restore_names() {
    [[ -e /usr/share/locale/fr/LC_MESSAGES/iso_3166-1.mo ]] ||
        apt -o Dpkg::Options::=--path-include='/usr/share/locale/*/LC_MESSAGES/iso_3166*' \
            install --reinstall iso-codes
}

# Laboratories start the daemons that they need: those of the packages stay down.
without_starting() { # command...
    local policy=/usr/sbin/policy-rc.d status=0
    [[ ! -e $policy ]] || { "$@"; return; }
    printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null
    as_root chmod 755 "$policy"
    "$@" || status=$?
    as_root rm -f "$policy"
    return "$status"
}

install_packages() { # packages...
    local missing
    missing=$(missing_packages "$@")
    if [[ -n $missing ]]; then
        apt update
        # shellcheck disable=SC2086
        without_starting apt install --no-install-recommends $missing
    fi
    [[ " $* " != *" iso-codes "* ]] || restore_names
}
