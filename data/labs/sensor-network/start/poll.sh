# SPDX-License-Identifier: Apache-2.0
# Reads the calibration table of the thermometer.
coap-client-notls -B 4 -m get -b 1024 "coap://[2001:db8:15:4::11]/calibration"
