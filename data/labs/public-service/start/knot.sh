# SPDX-License-Identifier: Apache-2.0
mkdir -p /run/knot
exec knotd -c /run/lab/knot.conf
