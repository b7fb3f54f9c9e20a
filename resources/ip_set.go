package resources

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vpsfirewall/terraform-provider-iptables/firewall"
	"github.com/vpsfirewall/terraform-provider-iptables/iptables"
	"github.com/vpsfirewall/terraform-provider-iptables/iptables/ipset"
)

// NewIPSet is the resource iptables_ip_set.
func NewIPSet() resource.Resource {
	return &lines[ipSetModel, *ipSetModel]{
		name:     "ip_set",
		schema:   ipSetSchema,
		identity: ipSetIdentitySchema,
		find:     findIPSet,
		locate:   locateIPSet,
	}
}

type ipSetModel struct {
	common
	Name        types.String `tfsdk:"name"`
	Type        types.String `tfsdk:"type"`
	Family      types.String `tfsdk:"family"`
	Range       types.String `tfsdk:"range"`
	Entries     types.Set    `tfsdk:"entries"`
	EntriesFile types.String `tfsdk:"entries_file"`
	Timeout     types.Int64  `tfsdk:"timeout"`
	Comment     types.Bool   `tfsdk:"comment"`
	MaxElem     types.Int64  `tfsdk:"maxelem"`
	Size        types.Int64  `tfsdk:"size"`
	Digest      types.String `tfsdk:"digest"`
	Changes     types.List   `tfsdk:"changes"`
}

type ipSetIdentity struct {
	Host types.String `tfsdk:"host"`
	Name types.String `tfsdk:"name"`
}

func (m *ipSetModel) label() string { return fmt.Sprintf("iptables_ip_set %q", m.Name.ValueString()) }

// suffix is how `ipset save` begins to list the set, but for its type.
func (m *ipSetModel) suffix() string { return "create " + m.Name.ValueString() }

func (m *ipSetModel) identity() any { return &ipSetIdentity{Host: m.Host, Name: m.Name} }

func (m *ipSetModel) validate() []firewall.Problem {
	var found []firewall.Problem
	if n := len(m.Entries.Elements()); n > firewall.MaxListedEntries {
		found = append(found, firewall.Problem{
			Attribute: "entries", Summary: fmt.Sprintf("%d entries are too many for Terraform", n),
			Detail: "it compares each element of a set with each other, and would be busy for hours. Write them to a file, one a line, and set entries_file",
		})
	}
	s := m.set()
	s.Unreadable = nil // the file may not be there yet
	if !m.EntriesFile.IsNull() {
		s.Entries = nil
		if !m.Entries.IsNull() {
			found = append(found, firewall.Problem{Attribute: "entries_file", Summary: "entries are given twice", Detail: "set entries or entries_file, not both"})
		}
	}
	return append(found, s.Validate()...)
}

// settle makes unknown what the file decides: it may have another content than it had before.
func (m *ipSetModel) settle() {
	m.Digest, m.Size = types.StringUnknown(), types.Int64Unknown()
}

func (m *ipSetModel) rules([]iptables.Family) (firewall.PolicyRules, error) { //nolint:unparam // model wants it
	s := m.set()
	// What was planned is what is applied.
	if s.Unreadable == nil && !m.EntriesFile.IsNull() && !m.Digest.IsNull() && !m.Digest.IsUnknown() {
		if set, err := s.Set(); err == nil && digestOf(set) != m.Digest.ValueString() {
			s.Unreadable = &changedFileError{m.EntriesFile.ValueString()}
		}
	}
	return firewall.PolicyRules{Sets: []firewall.IPSet{s}}, nil
}

// outline is the set with whatever entries it has: its family decides of which family the rules are that
// refer to it.
func (m *ipSetModel) outline() (firewall.PolicyRules, bool) {
	for _, v := range []attr.Value{m.Name, m.Type, m.Family, m.Range, m.MaxElem, m.Timeout, m.Comment} {
		if v.IsUnknown() {
			return firewall.PolicyRules{}, false
		}
	}
	outline := *m
	outline.Entries, outline.EntriesFile = types.SetNull(types.StringType), types.StringNull()
	s := outline.set()
	return firewall.PolicyRules{Sets: []firewall.IPSet{s}}, len(s.Validate()) == 0
}

type changedFileError struct{ path string }

func (e *changedFileError) Error() string {
	return fmt.Sprintf("the file %s has other entries than it had when this was planned; plan again", e.path)
}

// set is the set that the attributes describe.
func (m *ipSetModel) set() firewall.IPSet {
	s := firewall.IPSet{
		Name:    m.Name.ValueString(),
		Type:    m.Type.ValueString(),
		Family:  m.Family.ValueString(),
		Range:   m.Range.ValueString(),
		MaxElem: int(m.MaxElem.ValueInt64()),
		Timeout: numberOf(m.Timeout),
		Comment: m.Comment.ValueBool(),
		Entries: stringsOf(m.Entries),
		Open:    m.Entries.IsNull() && m.EntriesFile.IsNull(),
	}
	if !m.EntriesFile.IsNull() {
		s.Entries, s.Unreadable = readEntries(m.EntriesFile.ValueString())
	}
	return s
}

func (m *ipSetModel) listed() []string { return nil }

// list writes what follows from the set that is wanted, or what the host has of it.
func (m *ipSetModel) list(rules firewall.PolicyRules, _ dialects) {
	if len(rules.Live) == 1 {
		m.see(rules.Live[0])
		return
	}
	set, err := rules.Sets[0].Set()
	if err != nil {
		return // the edit says so
	}
	m.Family = familyOfSet(set)
	m.count(set, rules.Sets[0].Open)
	if m.Changes.IsUnknown() {
		m.Changes = types.ListNull(types.StringType)
	}
}

func (m *ipSetModel) count(set ipset.Set, open bool) {
	m.Size, m.Digest = types.Int64Null(), types.StringNull()
	if !open {
		m.Size, m.Digest = types.Int64Value(int64(len(set.Entries))), types.StringValue(digestOf(set))
	}
}

func digestOf(set ipset.Set) string {
	sum := sha256.New()
	for _, e := range set.Entries {
		fmt.Fprintln(sum, e)
	}
	return hex.EncodeToString(sum.Sum(nil))
}

func familyOfSet(set ipset.Set) types.String {
	switch set.Family {
	case "inet":
		return types.StringValue(iptables.IPv4.String())
	case "inet6":
		return types.StringValue(iptables.IPv6.String())
	}
	return types.StringNull()
}

// see changes the attributes to what the host has. What means the same stays as it is written.
func (m *ipSetModel) see(live ipset.Set) {
	mine, err := m.set().Set()
	m.Type, m.Family = types.StringValue(live.Type), familyOfSet(live)
	if err != nil || mine.Range != live.Range {
		m.Range = orNull(live.Range)
	}
	if err != nil || mine.Max() != live.Max() {
		m.MaxElem = types.Int64Null()
		if live.MaxElem != 0 {
			m.MaxElem = types.Int64Value(int64(live.MaxElem))
		}
	}
	m.Timeout = types.Int64Null()
	if live.Timed {
		m.Timeout = types.Int64Value(int64(live.Timeout))
	}
	if m.Comment.ValueBool() != live.Comment {
		m.Comment = types.BoolValue(live.Comment)
	}
	if !m.Entries.IsNull() {
		m.Entries = setOf(m.seeEntries(live))
	}
	m.count(live, m.Entries.IsNull() && m.EntriesFile.IsNull())
}

// seeEntries are the host's entries, in the state's spelling where it has one. An entry that
// stands for several is there if all of them are.
func (m *ipSetModel) seeEntries(live ipset.Set) []string {
	there := make(map[ipset.Entry]bool, len(live.Entries))
	for _, e := range live.Entries {
		there[e] = true
	}
	spelled := []string{}
	for _, text := range stringsOf(m.Entries) {
		entries, err := live.ParseEntry(text)
		if err != nil || slices.ContainsFunc(entries, func(e ipset.Entry) bool { return !there[e] }) {
			continue
		}
		spelled = append(spelled, text)
	}
	for _, text := range spelled {
		entries, _ := live.ParseEntry(text)
		for _, e := range entries {
			delete(there, e)
		}
	}
	for _, e := range live.Entries {
		if there[e] {
			spelled = append(spelled, e.String())
		}
	}
	return spelled
}

func (m *ipSetModel) unlist() {
	m.Size, m.Digest, m.Changes = types.Int64Unknown(), types.StringUnknown(), types.ListUnknown(types.StringType)
	if m.Family.IsNull() {
		m.Family = types.StringUnknown()
	}
}

func (m *ipSetModel) spellings(other model) []func() func() {
	o, ok := other.(*ipSetModel)
	if !ok {
		return nil
	}
	return []func() func(){spelling(&m.Entries, o.Entries), spelling(&m.MaxElem, o.MaxElem)}
}

// survey says what the plan changes in the entries that a file holds, and what is odd about them.
func (m *ipSetModel) survey(rs iptables.Ruleset, state model) []string {
	s := m.set()
	m.Changes = types.ListNull(types.StringType)
	if old, ok := state.(*ipSetModel); ok && old != nil && old.Digest.Equal(m.Digest) {
		m.Changes = old.Changes
	} else if set, err := s.Set(); err == nil && !m.EntriesFile.IsNull() {
		live, _ := rs.Set(s.Name)
		m.Changes = types.ListValueMust(types.StringType, changesOf(ipset.Differences(live, set)))
	}
	return s.Warnings()
}

func changesOf(removed, added []ipset.Entry) []attr.Value {
	const most = 50
	var text []attr.Value
	tell := func(sign string, entries []ipset.Entry) {
		for i, e := range entries {
			if i == most {
				text = append(text, types.StringValue(fmt.Sprintf("%s ... and %d more", sign, len(entries)-most)))
				return
			}
			text = append(text, types.StringValue(sign+" "+e.String()))
		}
	}
	tell("-", removed)
	tell("+", added)
	return text
}

// findIPSet takes "create NAME", as `ipset save` begins, or the name alone.
func findIPSet(s *firewall.Snapshot, id string) (*ipSetModel, error) {
	set, err := firewall.FindSet(s.Rules, firewall.SetName(id))
	if err != nil {
		return nil, err
	}
	m := &ipSetModel{Name: types.StringValue(set.Name), Changes: types.ListNull(types.StringType), Entries: setOf([]string{})}
	if len(set.Entries) > firewall.MaxListedEntries {
		m.Entries = setOf(nil)
	}
	m.see(set)
	if set.Range == "0-65535" {
		m.Range = types.StringNull()
	}
	return m, nil
}

func locateIPSet(get func(string) string) (host, id string) {
	return get("host"), "create " + get("name")
}
