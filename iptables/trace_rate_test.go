package iptables

import "testing"

// TestWithinLimits is about who comes for the first time; without that every match here is undecided.
func TestWithinLimits(t *testing.T) {
	tests := map[string]struct {
		match string
		want  Answer
	}{
		"a rate":                     {"-m limit --limit 1/sec", Dropped},
		"up to a rate":               {"-m hashlimit --hashlimit-upto 1/sec --hashlimit-name x --hashlimit-mode srcip", Dropped},
		"above a rate":               {"-m hashlimit --hashlimit-above 1/sec --hashlimit-name x --hashlimit-mode srcip", Accepted},
		"few connections":            {"-m connlimit --connlimit-upto 1", Dropped},
		"no connection":              {"-m connlimit --connlimit-upto 0", Accepted},
		"not few, by a negation":     {"-m connlimit ! --connlimit-upto 5", Accepted},
		"many connections":           {"-m connlimit --connlimit-above 5", Accepted},
		"any connection":             {"-m connlimit --connlimit-above 0", Dropped},
		"noted":                      {"-m recent --set --name x", Dropped},
		"noted, turned round":        {"-m recent ! --set --name x", Accepted},
		"the fourth in a minute":     {"-m recent --update --seconds 60 --hitcount 4 --name x", Accepted},
		"not the fourth in a minute": {"-m recent ! --rcheck --seconds 60 --hitcount 4 --name x", Dropped},
		"who has knocked":            {"-m recent --rcheck --seconds 60 --name x", Unknown},
		"forgotten":                  {"-m recent --remove --name x", Unknown},
		"chance stays":               {"-m statistic --mode random --probability 0.5", Unknown},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			rs := rulesetOf(t, "-A INPUT "+test.match+" -j DROP")
			if got := (Tracer{WithinLimits: true}).Trace(rs, ssh); got.Answer != test.want {
				t.Errorf("%v because %s, want %v", got.Answer, got.Because, test.want)
			}
			if got := Trace(rs, ssh); got.Answer != Unknown {
				t.Errorf("without it: %v because %s, want unknown", got.Answer, got.Because)
			}
		})
	}
}
