package iptables

import "testing"

func TestRecentExtensions(t *testing.T) {
	testSpecs(t, []specCase{
		{in: "-m recent --rcheck --seconds 5 --reap", out: "-m recent --rcheck --seconds 5 --reap --name DEFAULT --mask 255.255.255.255 --rsource"},
		{in: "-m recent --remove", out: "-m recent --remove --name DEFAULT --mask 255.255.255.255 --rsource"},
		{in: "-m recent --rcheck --hitcount 0", out: "-m recent --rcheck --name DEFAULT --mask 255.255.255.255 --rsource"},
		{in: "-m recent --rcheck --hitcount 255", out: "-m recent --rcheck --hitcount 255 --name DEFAULT --mask 255.255.255.255 --rsource"},
		{in: "-m recent --rcheck --hitcount 65535", out: "-m recent --rcheck --hitcount 65535 --name DEFAULT --mask 255.255.255.255 --rsource"},
		{in: "-m recent --rcheck --rttl", out: "-m recent --rcheck --rttl --name DEFAULT --mask 255.255.255.255 --rsource"},
		{in: "-m recent --set --rdest", out: "-m recent --set --name DEFAULT --mask 255.255.255.255 --rdest"},
		{in: "-m recent --set --rdest --rsource", out: "-m recent --set --name DEFAULT --mask 255.255.255.255 --rsource"},
		{in: "-m recent --set --rsource --rdest", out: "-m recent --set --name DEFAULT --mask 255.255.255.255 --rdest"},
		{in: "-m recent --set --mask 255.255.255.0", out: "-m recent --set --name DEFAULT --mask 255.255.255.0 --rsource"},
		{in: "-m recent --set --mask 255.0.255.0", out: "-m recent --set --name DEFAULT --mask 255.0.255.0 --rsource"},
		{in: "-m recent --set --mask 0.0.0.0", out: "-m recent --set --name DEFAULT --mask 0.0.0.0 --rsource"},
		{family: IPv6, in: "-m recent --set --mask ffff:ffff::", out: "-m recent --set --name DEFAULT --mask ffff:ffff:: --rsource"},
		{in: "-m recent --set --mask 255.255.255.255", out: "-m recent --set --name DEFAULT --mask 255.255.255.255 --rsource"},
		{in: "-m recent ! --update --seconds 4", out: "-m recent ! --update --seconds 4 --name DEFAULT --mask 255.255.255.255 --rsource"},
		{in: "-m recent ! --rcheck", out: "-m recent ! --rcheck --name DEFAULT --mask 255.255.255.255 --rsource"},
		{in: "-m recent --update --seconds 4294967295", out: "-m recent --update --seconds -1 --name DEFAULT --mask 255.255.255.255 --rsource"},
	})
	testRefusals(t, []refusal{
		{in: "-m recent --set --rcheck", message: "recent: option --rcheck cannot stand beside --set"},
		{in: "-m recent --update --set", message: "recent: option --set cannot stand beside --update"},
		{in: "-m recent --rcheck --reap", message: "recent: option --reap needs --seconds"},
		{in: "-m recent --set --seconds 5", message: "recent: option --seconds cannot stand beside --set"},
		{in: "-m recent --set --hitcount 5", message: "--hitcount cannot stand beside --set"},
		{in: "-m recent --remove --seconds 4", message: "recent: option --seconds cannot stand beside --remove"},
		{in: "-m recent --rcheck --seconds 0", message: "--seconds: bad value, or out of range"},
		{in: `-m recent --set --name ""`, message: "--name: bad name"},
		{in: "-m recent --set --name a/b", message: "--name: bad name"},
		{in: "-m recent --set ! --name x", message: "recent: option --name cannot be negated"},
	})
}
