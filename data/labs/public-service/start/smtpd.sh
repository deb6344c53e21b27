# SPDX-License-Identifier: Apache-2.0
# The post is put down in /run/mail.
mkdir -p /run/mail
chown nobody /run/mail
exec smtpd -d -f /run/lab/smtpd.conf
