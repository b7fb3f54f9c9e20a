#!/bin/sh
# networks.sh: prints a list of 50,000 networks to try the example with. They lie in 240.0.0.0/4, which
# nobody uses, so that nothing is lost if it is applied by mistake.
awk 'BEGIN {
	print "# made by networks.sh"
	for (i = 0; i < 50000; i++) {
		n = i * 21 % 1048576 # each once: 21 and 2^20 have no common factor
		printf "%d.%d.%d.0/24\n", 240 + int(n / 65536), int(n / 256) % 256, n % 256
	}
}'
