# SPDX-License-Identifier: Apache-2.0
# Opens the valve.
coap-client-notls -B 2 -m put -e open "coap://[2001:db8:15:4:0:ff:fe00:2]/state"
