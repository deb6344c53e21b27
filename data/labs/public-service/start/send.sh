# SPDX-License-Identifier: Apache-2.0
# A citizen writes to the ministry, by way of the server that the name leads to.
printf 'From: citizen@example.net\nTo: office@ministry.example\nSubject: form\n\nHello\n' |
    timeout 3 smtp -s smtp://mx.ministry.example -H client.example.net -F citizen@example.net office@ministry.example && echo taken
