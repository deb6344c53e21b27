# SPDX-License-Identifier: Apache-2.0
mkdir -p /run/kea
export KEA_PIDFILE_DIR=/run/kea KEA_LOCKFILE_DIR=/run/kea
exec kea-dhcp6 -c /run/lab/kea.conf
