package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"
)

// A result is what a row gave when it was last run. Rows can be run one after the other; pages are made of all that are
// stored.
type result struct {
	Row     string         `json:"row"`
	Day     string         `json:"day"`
	Machine string         `json:"machine"`
	Rounds  int            `json:"rounds"`
	Figures []storedFigure `json:"figures,omitempty"`
	Gauges  []storedGauge  `json:"gauges,omitempty"`
}

type storedFigure struct {
	Work    string      `json:"work"`
	Against string      `json:"against"`
	Must    string      `json:"must"`
	Most    float64     `json:"most,omitempty"`
	Least   float64     `json:"least,omitempty"`
	Ours    storedTimes `json:"ours"`
	Theirs  storedTimes `json:"theirs"`
	Ratio   float64     `json:"ratio"`
}

// storedTimes are seconds. Only Runs is read again.
type storedTimes struct {
	Min, Median, Max float64
	Runs             []float64
}

type storedGauge struct {
	gauge
	Min, Median, Max float64
}

func storeTimes(t times) storedTimes {
	var s storedTimes
	if len(t) == 0 {
		return s
	}
	s.Min, s.Median, s.Max = slices.Min(t).Seconds(), t.median().Seconds(), slices.Max(t).Seconds()
	for _, d := range t {
		s.Runs = append(s.Runs, d.Seconds())
	}
	return s
}

func (s storedTimes) times() times {
	var t times
	for _, seconds := range s.Runs {
		t = append(t, time.Duration(seconds*float64(time.Second)))
	}
	return t
}

// store writes what a row gave.
func store(folder, row string, rounds int, figures []figure, gauges []gauge) error {
	r := result{Row: row, Day: time.Now().UTC().Format(time.DateOnly), Machine: machine(), Rounds: rounds}
	for _, f := range figures {
		r.Figures = append(r.Figures, storedFigure{f.work, f.against, f.must, f.most, f.least, storeTimes(f.ours), storeTimes(f.theirs), f.ratio()})
	}
	for _, g := range gauges {
		r.Gauges = append(r.Gauges, storedGauge{g, slices.Min(g.Values), g.median(), slices.Max(g.Values)})
	}
	text, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	return writeFile(filepath.Join(folder, row+".json"), string(text)+"\n")
}

// stored reads what the rows gave, in their order. Those that were never run are missing.
func stored(folder string) ([]result, error) {
	var all []result
	for _, row := range rows {
		text, err := os.ReadFile(filepath.Join(folder, row.name+".json"))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		var r result
		if err := json.Unmarshal(text, &r); err != nil {
			return nil, fmt.Errorf("what the row %s gave: %w", row.name, err)
		}
		all = append(all, r)
	}
	return all, nil
}

func (r result) figures() []figure {
	all := make([]figure, len(r.Figures))
	for i, f := range r.Figures {
		all[i] = figure{f.Work, f.Against, f.Must, f.Most, f.Least, f.Ours.times(), f.Theirs.times()}
	}
	return all
}

func (r result) gauges() []gauge {
	all := make([]gauge, len(r.Gauges))
	for i, g := range r.Gauges {
		all[i] = g.gauge
	}
	return all
}

// machine is what a person wants to know of the one that measured.
func machine() string {
	model := runtime.GOARCH
	text, _ := os.ReadFile("/proc/cpuinfo")
	for line := range strings.Lines(string(text)) {
		if name, value, _ := strings.Cut(line, ":"); strings.TrimSpace(name) == "model name" {
			model = strings.TrimSpace(value)
			break
		}
	}
	var info syscall.Sysinfo_t
	memory := ""
	if syscall.Sysinfo(&info) == nil {
		memory = fmt.Sprintf(", %d GB of memory", (info.Totalram*uint64(info.Unit)+1<<29)>>30)
	}
	kernel, _ := os.ReadFile("/proc/sys/kernel/osrelease")
	release, _, _ := strings.Cut(strings.TrimSpace(string(kernel)), "-")
	return fmt.Sprintf("%d processors (%s)%s, Linux %s, %s", runtime.NumCPU(), model, memory, release, runtime.Version())
}
