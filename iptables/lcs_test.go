package iptables

import (
	"math/rand/v2"
	"testing"
)

func TestCommonLines(t *testing.T) {
	for _, c := range []struct {
		name string
		a, b []int
		want int
	}{
		{"nothing", nil, nil, 0},
		{"one side", []int{1, 2}, nil, 0},
		{"same", []int{1, 2, 3}, []int{1, 2, 3}, 3},
		{"no line in common", []int{1, 2}, []int{3, 4}, 0},
		{"moved", []int{1, 2, 3, 4}, []int{4, 1, 2, 3}, 3},
		{"reversed", []int{1, 2, 3, 4}, []int{4, 3, 2, 1}, 1},
		{"repeated", []int{1, 1, 2, 1}, []int{1, 2, 1, 1}, 3},
		{"more of the same", []int{1, 1}, []int{1, 1, 1, 1}, 2},
	} {
		got := commonLines(c.a, c.b)
		wantCommon(t, c.name, c.a, c.b, got)
		if len(got) != c.want {
			t.Errorf("%s: %d lines in common, want %d", c.name, len(got), c.want)
		}
	}
}

// wantCommon: the pairs are pairs of equal lines, ascending on both sides.
func wantCommon(t *testing.T, name string, a, b []int, pairs []pair) {
	t.Helper()
	last := pair{-1, -1}
	for _, p := range pairs {
		if p.a <= last.a || p.b <= last.b || a[p.a] != b[p.b] {
			t.Fatalf("%s: %v does not follow %v", name, p, last)
		}
		last = p
	}
}

// TestCommonLinesOfManyEqualLines: past pairLimit the result is still common to both, and
// as long as it can be where it is easy to see how long that is.
func TestCommonLinesOfManyEqualLines(t *testing.T) {
	const n = 3000 // n*n pairs of equal lines
	a, b := make([]int, n), make([]int, n+500)
	got := commonLines(a, b)
	wantCommon(t, "equal lines", a, b, got)
	if len(got) != n {
		t.Errorf("%d lines in common, want %d", len(got), n)
	}
	if rare := rareLines(a, occurrences(b)); len(rare) != 0 {
		t.Errorf("lines that make %d pairs are taken for rare", n*len(b))
	}
	random := rand.New(rand.NewPCG(1, 1))
	for i := range a {
		if random.IntN(10) == 0 {
			a[i] = 1 + i
		}
	}
	copy(b, a)
	wantCommon(t, "rare lines between", a, b, commonLines(a, b))
	if got := len(commonLines(a, b)); got != n {
		t.Errorf("with rare lines between them: %d lines in common, want %d", got, n)
	}
}
