package review

import "github.com/vpsfirewall/terraform-provider-iptables/iptables"

// A found is what a resource that sets a chain's policy knows of the time before it: its lines do not say that.
type found struct {
	chain    string
	previous map[string]any // by family
	// accept: the chain accepts everything after the resource is gone, whatever it did before.
	accept bool
}

// foundBy is nil for a resource that sets no policy.
func foundBy(kind string, v *values) *found {
	if v == nil {
		return nil
	}
	attributes := v.attributes
	chain, sets := "chain", attributes["method"] == "policy"
	switch kind {
	case "default_policy":
	case "firewall":
		attributes, _ = attributes["default_policy"].(map[string]any)
		sets = attributes["method"] == "policy"
	case "chain":
		chain, sets = "name", v.text("policy") != ""
	default:
		return nil
	}
	if !sets {
		return nil
	}
	p := &found{accept: attributes["on_destroy"] == "accept"}
	p.chain, _ = attributes[chain].(string)
	p.previous, _ = attributes["previous_policy"].(map[string]any)
	return p
}

// restorePolicies adds the policies that a resource found when it came, or puts back when it goes.
func restorePolicies(r planned, before, after *host) {
	was, is := foundBy(r.kind, r.before), foundBy(r.kind, r.after)
	if was == nil && is != nil && after != nil {
		after.before.setPolicies(is.chain, is.previous, false)
	}
	if was != nil && is == nil && before != nil {
		before.after.setPolicies(was.chain, was.previous, was.accept)
	}
}

func (s *side) setPolicies(chain string, previous map[string]any, accept bool) {
	for _, f := range iptables.Families {
		policy, ok := previous[f.String()].(string)
		if !ok {
			continue
		}
		if accept {
			policy = "ACCEPT"
		}
		s.placed = append(s.placed, iptables.ChainID{Family: f, Table: "filter", Name: chain}.PolicyLine(policy))
	}
}
