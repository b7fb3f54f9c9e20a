package iptables

import (
	"cmp"
	"slices"
	"sort"
)

// A hunk is a run of lines that differ: live[From:To] gives way to wanted[WantedFrom:WantedTo].
// Lines outside of all hunks are kept, in the same order on both sides.
type hunk struct {
	from, to             int
	wantedFrom, wantedTo int
}

// hunks is the smallest edit that makes wanted of live, from top to bottom. Equal beginnings
// and ends cost linear time and no keys.
func hunks(live, wanted []Rule) []hunk {
	start := 0
	for start < len(live) && start < len(wanted) && equalRules(live[start], wanted[start]) {
		start++
	}
	end := 0
	for end < len(live)-start && end < len(wanted)-start &&
		equalRules(live[len(live)-1-end], wanted[len(wanted)-1-end]) {
		end++
	}
	a, b := intern(live[start:len(live)-end], wanted[start:len(wanted)-end])
	var found []hunk
	from, wantedFrom := 0, 0
	for _, kept := range append(commonLines(a, b), pair{len(a), len(b)}) {
		if kept.a > from || kept.b > wantedFrom {
			found = append(found, hunk{start + from, start + kept.a, start + wantedFrom, start + kept.b})
		}
		from, wantedFrom = kept.a+1, kept.b+1
	}
	return found
}

// intern numbers the rules so that equal rules, and no others, have equal numbers.
func intern(a, b []Rule) ([]int, []int) {
	numbers := make(map[string]int, len(a)+len(b))
	number := func(rules []Rule) []int {
		ids := make([]int, len(rules))
		for i, r := range rules {
			key := r.Key()
			id, ok := numbers[key]
			if !ok {
				id = len(numbers)
				numbers[key] = id
			}
			ids[i] = id
		}
		return ids
	}
	if len(a) == 0 || len(b) == 0 {
		return make([]int, len(a)), make([]int, len(b))
	}
	return number(a), number(b)
}

// A pair says that line a of one list and line b of the other are the same line.
type pair struct{ a, b int }

// pairLimit bounds what commonLines looks at: about a million pairs of equal lines, 40 MB.
const pairLimit = 1 << 20

// commonLines is a longest common subsequence, after Hunt and Szymanski: time (n + r) log n and
// memory n + r, where n counts the lines and r the pairs of equal lines. Rules hardly ever repeat, so
// r is about n, however much the lists differ. Where lines do repeat so often that r would
// pass pairLimit, the most frequent ones are matched afterwards, between the others that
// were: then the result is common to both but perhaps not the longest.
func commonLines(a, b []int) []pair {
	if len(a) == 0 || len(b) == 0 {
		return nil
	}
	where := occurrences(b)
	rare := rareLines(a, where)
	type node struct {
		pair
		before int // index of the node that this one follows, -1 for none
	}
	var nodes []node
	var tails []int // tails[k]: the node that ends a common subsequence of k+1 lines earliest in b
	for i, id := range a {
		if !rare[id] {
			continue
		}
		for _, j := range slices.Backward(where[id]) {
			k := sort.Search(len(tails), func(k int) bool { return nodes[tails[k]].b >= j })
			if k < len(tails) && nodes[tails[k]].b == j {
				continue
			}
			before := -1
			if k > 0 {
				before = tails[k-1]
			}
			nodes = append(nodes, node{pair{i, j}, before})
			if k == len(tails) {
				tails = append(tails, 0)
			}
			tails[k] = len(nodes) - 1
		}
	}
	found := make([]pair, len(tails))
	if len(tails) > 0 {
		for k, n := len(tails)-1, tails[len(tails)-1]; k >= 0; k, n = k-1, nodes[n].before {
			found[k] = nodes[n].pair
		}
	}
	return fillFrequent(a, b, where, rare, found)
}

func occurrences(ids []int) map[int][]int {
	where := make(map[int][]int, len(ids))
	for i, id := range ids {
		where[id] = append(where[id], i)
	}
	return where
}

// rareLines picks the lines of a that make at most pairLimit pairs together, the rarest first.
func rareLines(a []int, where map[int][]int) map[int]bool {
	type line struct{ id, pairs int }
	pairs := map[int]int{}
	for _, id := range a {
		pairs[id] += len(where[id])
	}
	lines := make([]line, 0, len(pairs))
	for id, n := range pairs {
		lines = append(lines, line{id, n})
	}
	slices.SortFunc(lines, func(x, y line) int { return cmp.Or(cmp.Compare(x.pairs, y.pairs), cmp.Compare(x.id, y.id)) })
	rare := make(map[int]bool, len(lines))
	sum := 0
	for _, l := range lines {
		if sum += l.pairs; sum > pairLimit {
			break
		}
		rare[l.id] = true
	}
	return rare
}

// fillFrequent matches the lines that are not rare in the gaps between the pairs found, each
// with its next occurrence.
func fillFrequent(a, b []int, where map[int][]int, rare map[int]bool, found []pair) []pair {
	if !slices.ContainsFunc(a, func(id int) bool { return !rare[id] }) {
		return found
	}
	var all []pair
	i, j := 0, 0
	for _, stop := range append(found, pair{len(a), len(b)}) {
		for ; i < stop.a; i++ {
			if rare[a[i]] {
				continue
			}
			places := where[a[i]]
			if n := sort.SearchInts(places, j); n < len(places) && places[n] < stop.b {
				all = append(all, pair{i, places[n]})
				j = places[n] + 1
			}
		}
		if stop.a < len(a) && stop.b < len(b) {
			all = append(all, stop)
		}
		i, j = stop.a+1, stop.b+1
	}
	return all
}
