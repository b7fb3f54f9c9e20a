package iptables

import "slices"

const allSPIs = "0:4294967295"

// Matches of IPsec.
var ipsecExtensions = []extension{
	{
		name: "ah", families: onlyIPv4, protocols: []uint8{51},
		options: []option{{name: "--ahspi", value: numberRange(1<<32 - 1), flags: negatable, hidden: allSPIs}},
		show:    hideNever,
	},
	{
		name: "ah", families: onlyIPv6,
		options: []option{
			{name: "--ahspi", value: numberRange(1<<32 - 1), flags: negatable, hidden: allSPIs},
			{name: "--ahlen", value: number(0, 1<<32-1), flags: negatable, hidden: "0"},
			{name: "--ahres"},
		},
		show: hideNever,
	},
	{
		name: "esp", protocols: []uint8{50},
		options: []option{{name: "--espspi", value: numberRange(1<<32 - 1), flags: negatable, hidden: allSPIs}},
		show:    hideNever,
	},
	{
		name: "ipcomp", protocols: []uint8{108},
		options: []option{
			{name: "--ipcompspi", value: numberRange(1<<32 - 1), flags: negatable},
			{name: "--compres"},
		},
		show: func(d Dialect, f Family, options []Option) []Option {
			options = plainIPComp(f, options)
			if o := options[0]; o.Value() == allSPIs && !o.Negated {
				return options[1:]
			}
			return hideNever(d, f, options)
		},
		same: plainIPComp,
	},
	{
		name: "policy",
		options: []option{
			{name: "--dir", value: exactly("in", "out"), valueNotIn: map[string][]string{
				"in": {"OUTPUT", "POSTROUTING"}, "out": {"PREROUTING", "INPUT"},
			}},
			{name: "--pol", value: exactly("ipsec", "none")},
			{name: "--strict"},
			{name: "--reqid", value: number(0, 1<<32-1), flags: negatable | grouped},
			{name: "--spi", value: hexNumber(1<<32-1, 1), flags: negatable | grouped},
			{name: "--proto", value: ipsecProtocol, flags: negatable | grouped},
			{name: "--mode", value: exactly("transport", "tunnel"), flags: negatable | grouped},
			{name: "--tunnel-dst", value: hostWithMask, flags: negatable | grouped},
			{name: "--tunnel-src", value: hostWithMask, flags: negatable | grouped},
			{name: "--next", flags: separator, needs: []string{"--strict"}},
		},
		finish: finishPolicy,
		show:   func(d Dialect, _ Family, options []Option) []Option { return hideOddMasks(d, options, "") },
	},
}

// hideNever leaves out a negated range of everything, which can never apply: up to 1.8.10
// it is not printed.
func hideNever(d Dialect, _ Family, options []Option) []Option {
	never := func(o Option) bool {
		return o.Negated && (o.Value() == allSPIs || o.Value() == "0:255" && o.Name == "--mh-type")
	}
	if !d.Version.before(8, 11) || !slices.ContainsFunc(options, never) {
		return options
	}
	return slices.DeleteFunc(slices.Clone(options), never)
}

// plainIPComp adds the index 0, which is what a match without an index asks for; any index
// at all prints none.
func plainIPComp(_ Family, options []Option) []Option {
	if len(options) > 0 && options[0].Name == "--ipcompspi" {
		return options
	}
	return slices.Insert(slices.Clone(options), 0, Option{Name: "--ipcompspi", Values: []string{"0"}})
}

var ipsecProtocol = word("esp, ah or ipcomp", func(_ *parser, s string) (string, error) {
	n, err := parseExactProtocol(s)
	if err != nil || n != 50 && n != 51 && n != 108 {
		return "", refused("the protocol must be esp, ah or ipcomp")
	}
	return Protocol{Number: n}.String(), nil
})

// finishPolicy checks the elements of a policy, the groups between --next.
func finishPolicy(l *loaded, _ *parser) error {
	if !l.option("--dir").set {
		return refused("--dir in or --dir out is missing")
	}
	pol, strict := l.option("--pol"), l.option("--strict").set
	if !pol.set {
		pol.set, pol.values = true, []string{"ipsec"}
	}
	if pol.value() == "none" && strict {
		return refused("--strict cannot stand beside --pol none")
	}
	elements := append(slices.Clone(l.groups), l.settings)
	if len(elements) > 4 {
		return refused("more than 4 elements")
	}
	if len(elements) > 1 && !strict {
		return refused("option --next needs --strict")
	}
	for _, element := range elements {
		given := func(name string) *setting { return &element[l.ext.index[name]] }
		empty := true
		for i := range element {
			if l.ext.options[i].flags&grouped != 0 {
				empty = empty && !element[i].set
				if pol.value() == "none" {
					element[i].drop()
				}
			}
		}
		if strict && empty {
			return refused("an element is empty: with --strict each needs one of --reqid, --spi, --proto, --mode, --tunnel-src, --tunnel-dst")
		}
		mode := given("--mode")
		tunnel := mode.set && (mode.value() == "tunnel") != mode.negated
		if (given("--tunnel-src").set || given("--tunnel-dst").set) && !tunnel {
			return refused("--tunnel-src and --tunnel-dst need --mode tunnel")
		}
	}
	return nil
}
