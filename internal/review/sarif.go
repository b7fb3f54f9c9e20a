package review

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"path/filepath"
)

// The parts of SARIF 2.1.0 (OASIS Standard, 27 March 2020) that a review needs.
type (
	sarifLog struct {
		Schema  string     `json:"$schema"`
		Version string     `json:"version"`
		Runs    []sarifRun `json:"runs"`
	}
	sarifRun struct {
		Tool    sarifTool     `json:"tool"`
		Results []sarifResult `json:"results"`
	}
	sarifTool struct {
		Driver sarifDriver `json:"driver"`
	}
	sarifDriver struct {
		Name  string      `json:"name"`
		URI   string      `json:"informationUri"`
		Rules []sarifRule `json:"rules"`
	}
	sarifRule struct {
		ID      string       `json:"id"`
		Short   sarifMessage `json:"shortDescription"`
		Default sarifDefault `json:"defaultConfiguration"`
	}
	sarifDefault struct {
		Level string `json:"level"`
	}
	sarifMessage struct {
		Text string `json:"text"`
	}
	sarifResult struct {
		RuleID       string            `json:"ruleId"`
		RuleIndex    int               `json:"ruleIndex"`
		Level        string            `json:"level"`
		Message      sarifMessage      `json:"message"`
		Locations    []sarifLocation   `json:"locations"`
		Fingerprints map[string]string `json:"partialFingerprints"`
	}
	sarifLocation struct {
		Physical sarifPhysical  `json:"physicalLocation"`
		Logical  []sarifLogical `json:"logicalLocations,omitempty"`
	}
	sarifPhysical struct {
		Artifact sarifArtifact `json:"artifactLocation"`
		Region   sarifRegion   `json:"region"`
	}
	sarifArtifact struct {
		URI string `json:"uri"`
	}
	sarifRegion struct {
		StartLine int `json:"startLine"`
	}
	sarifLogical struct {
		Name string `json:"fullyQualifiedName"`
		Kind string `json:"kind"`
	}
)

// maxLogical bounds the resources that a result names.
const maxLogical = 100

// SARIF writes the warnings as SARIF 2.1.0. A plan does not say in which file a resource stands, so that the place
// of every result is the plan's own file, and the resources are logical locations.
func (r *Report) SARIF(w io.Writer, file string) error {
	driver := sarifDriver{
		Name: "terraform-provider-iptables review", URI: "https://github.com/vpsfirewall/terraform-provider-iptables", Rules: []sarifRule{},
	}
	for _, k := range kinds {
		driver.Rules = append(driver.Rules, sarifRule{ID: k.Name, Short: sarifMessage{k.About}, Default: sarifDefault{k.Level}})
	}
	run := sarifRun{Tool: sarifTool{driver}, Results: []sarifResult{}}
	for _, x := range r.Warnings {
		index := kindIndex(x.Name)
		text := x.Message
		if len(x.Hosts) > 0 {
			text += " (on " + hostsAtLength(x.Hosts) + ")"
		}
		location := sarifLocation{Physical: sarifPhysical{sarifArtifact{filepath.ToSlash(file)}, sarifRegion{1}}}
		for i, resource := range x.Resources {
			if i == maxLogical {
				break
			}
			location.Logical = append(location.Logical, sarifLogical{resource, "resource"})
		}
		sum := sha256.Sum256([]byte(x.Name + "\x00" + x.Message))
		run.Results = append(run.Results, sarifResult{
			RuleID: x.Name, RuleIndex: index, Level: kinds[index].Level, Message: sarifMessage{text},
			Locations: []sarifLocation{location}, Fingerprints: map[string]string{"warning/v1": hex.EncodeToString(sum[:16])},
		})
	}
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(sarifLog{
		Schema: "https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/schemas/sarif-schema-2.1.0.json", Version: "2.1.0", Runs: []sarifRun{run},
	})
}
