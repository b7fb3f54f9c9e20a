package iptables

import "testing"

func TestClusterExtensions(t *testing.T) {
	testSpecs(t, []specCase{
		{in: "-m cluster --cluster-total-nodes 2 ! --cluster-local-node 1 --cluster-hash-seed 0x5", out: "-m cluster ! --cluster-local-nodemask 0x00000001 --cluster-total-nodes 2 --cluster-hash-seed 0x00000005"},
		{in: "-m cluster --cluster-total-nodes 2 ! --cluster-local-nodemask 3 --cluster-hash-seed 5", out: "-m cluster ! --cluster-local-nodemask 0x00000003 --cluster-total-nodes 2 --cluster-hash-seed 0x00000005"},
		{in: "-m cluster --cluster-total-nodes 1 --cluster-local-node 1 --cluster-hash-seed 5", out: "-m cluster --cluster-local-nodemask 0x00000001 --cluster-total-nodes 1 --cluster-hash-seed 0x00000005"},
		{in: "-m cluster --cluster-total-nodes 32 --cluster-local-node 32 --cluster-hash-seed 5", out: "-m cluster --cluster-local-nodemask 0x80000000 --cluster-total-nodes 32 --cluster-hash-seed 0x00000005"},
		{in: "-j HMARK --hmark-tuple src,dst --hmark-mod 5 --hmark-rnd 1", out: "-j HMARK --hmark-src-prefix 32 --hmark-dst-prefix 32 --hmark-rnd 0x00000001 --hmark-mod 5"},
		{in: "-j HMARK --hmark-tuple sport,dport --hmark-mod 5 --hmark-rnd 1 --hmark-offset 0x10", out: "-j HMARK --hmark-sport-mask 0xffff --hmark-dport-mask 0xffff --hmark-rnd 0x00000001 --hmark-mod 5 --hmark-offset 16"},
		{in: "-j HMARK --hmark-spi-mask 5 --hmark-mod 5 --hmark-rnd 1", out: "-j HMARK --hmark-spi-mask 0x00000005 --hmark-rnd 0x00000001 --hmark-mod 5"},
		{in: "-j HMARK --hmark-sport 5 --hmark-dport 6 --hmark-mod 5 --hmark-rnd 1", out: "-j HMARK --hmark-sport 0x0005 --hmark-dport 0x0006 --hmark-rnd 0x00000001 --hmark-mod 5"},
		{in: "-j HMARK --hmark-spi 5 --hmark-mod 5 --hmark-rnd 1", out: "-j HMARK --hmark-spi 0x00000005 --hmark-rnd 0x00000001 --hmark-mod 5"},
		{in: "-j HMARK --hmark-tuple ct --hmark-mod 5 --hmark-rnd 1", out: "-j HMARK --hmark-rnd 0x00000001 --hmark-mod 5 --hmark-tuple ct"},
		{in: "-j HMARK --hmark-src-prefix 33 --hmark-mod 4 --hmark-rnd 1", out: "-j HMARK --hmark-src-prefix 32 --hmark-rnd 0x00000001 --hmark-mod 4"},
		{family: IPv6, in: "-j HMARK --hmark-src-prefix 65 --hmark-mod 4 --hmark-rnd 1", out: "-j HMARK --hmark-src-prefix 65 --hmark-rnd 0x00000001 --hmark-mod 4"},
		{in: "-j HMARK --hmark-src-prefix 255.255.0.0 --hmark-mod 4 --hmark-rnd 1", out: "-j HMARK --hmark-src-prefix 16 --hmark-rnd 0x00000001 --hmark-mod 4"},
		{in: "-m cluster --cluster-total-nodes 32 --cluster-local-nodemask 0x80000000 --cluster-hash-seed 5", out: "-m cluster --cluster-local-nodemask 0x80000000 --cluster-total-nodes 32 --cluster-hash-seed 0x00000005"},
		{in: "-j HMARK --hmark-tuple s,sp,D,C --hmark-mod 5 --hmark-rnd 1", out: "-j HMARK --hmark-src-prefix 32 --hmark-dst-prefix 32 --hmark-sport-mask 0xffff --hmark-rnd 0x00000001 --hmark-mod 5 --hmark-tuple ct"},
		{in: "-j HMARK --hmark-sport-mask 5 --hmark-tuple sport --hmark-mod 5 --hmark-rnd 1", out: "-j HMARK --hmark-sport-mask 0xffff --hmark-rnd 0x00000001 --hmark-mod 5"},
		{in: "-m ipvs ! --ipvs"},
		{in: "-m ipvs --ipvs --vportctl ftp --vmethod masq --vdir reply --vport http --vaddr 10.0.0.7/8 --vproto tcp", out: "-m ipvs --vproto 6 --vaddr 10.0.0.7/8 --vport 80 --vdir REPLY --vmethod MASQ --vportctl 21"},
		{in: "-m ipvs ! --vaddr 10.0.0.7/255.0.255.0", out: "-m ipvs ! --vaddr 10.0.0.7"},
		{in: "-d 10.0.0.1/32 -i eth0 -j CLUSTERIP"},
		{in: "-d 10.0.0.1 -i eth0 -j CLUSTERIP --new --local-node 2 --total-nodes 3 --clustermac 01:00:5e:aa:bb:c --hashmode sourceip", out: "-d 10.0.0.1/32 -i eth0 -j CLUSTERIP --new --hashmode sourceip --clustermac 01:00:5E:AA:BB:0C --total-nodes 3 --local-node 2 --hash-init 0"},
	})
	testRefusals(t, []refusal{
		{in: "-m cluster --cluster-total-nodes 2 --cluster-local-node 1", message: "cluster: option --cluster-hash-seed is missing"},
		{in: "-m cluster --cluster-total-nodes 2 --cluster-local-node 1 --cluster-hash-seed 5 --cluster-local-nodemask 3", message: "cluster: option --cluster-local-nodemask cannot stand beside --cluster"},
		{in: "-m cluster --cluster-total-nodes 33 --cluster-local-node 1 --cluster-hash-seed 5", message: "--cluster-total-nodes: bad value, or out of range"},
		{in: "-m cluster --cluster-total-nodes 2 --cluster-local-nodemask 4 --cluster-hash-seed 5", message: "cluster: --cluster-local-nodemask is too big for --cluster-total-nodes"},
		{in: "-m cluster --cluster-local-node 1 --cluster-hash-seed 5", message: "cluster: option --cluster-total-nodes is missing"},
		{in: "-m cluster --cluster-total-nodes 4 --cluster-local-node 0 --cluster-hash-seed 5", message: "--cluster-local-node: bad value, or out of range"},
		{in: "-j HMARK --hmark-spi-mask 5 --hmark-sport-mask 4 --hmark-mod 5 --hmark-rnd 1", message: "HMARK: --hmark-spi-mask cannot stand beside a mask of ports"},
		{in: "-j HMARK --hmark-mod 5 --hmark-rnd 1", message: "HMARK: --hmark-tuple is missing"},
		{in: "-j HMARK --hmark-tuple src --hmark-rnd 1", message: "HMARK: option --hmark-mod is missing"},
		{in: "-j HMARK --hmark-tuple src --hmark-mod 4", message: "HMARK: option --hmark-rnd is missing"},
		{in: "-j HMARK --hmark-tuple foo --hmark-mod 4 --hmark-rnd 1", message: "--hmark-tuple: unknown field foo"},
		{in: "-j CLUSTERIP --new", message: "CLUSTERIP: --new needs --hashmode"},
		{in: "-m cluster --cluster-total-nodes 32 --cluster-local-nodemask 33 --cluster-hash-seed 5", message: "cluster: iptables takes masks from 1 to 32"},
		{in: "-m cluster --cluster-total-nodes 32 --cluster-local-nodemask 0 --cluster-hash-seed 5", message: "cluster: iptables takes masks from 1 to 32"},
		{in: "-j HMARK --hmark-spi 5 --hmark-dport 5 --hmark-mod 5 --hmark-rnd 1", message: "HMARK: --hmark-spi cannot stand beside --hmark-sport or --hmark-dport"},
		{in: "-j HMARK --hmark-tuple src,,dst --hmark-mod 5 --hmark-rnd 1", message: "--hmark-tuple: unknown field"},
		{in: "-m ipvs ! --ipvs --vport 80", message: "ipvs: ! --ipvs cannot stand beside other options"},
		{in: "-d 10.0.0.0/24 -j CLUSTERIP", message: "CLUSTERIP: -d must name one address"},
	})
}
