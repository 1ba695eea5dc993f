package main

import (
	"math"
	"strings"
	"testing"
	"time"
)

var laws = &Physics{DeltaStepMiB: 16, DeltaOverhead: 0.01, VMFilesGiB: 0.5, ConsolidationGiBPerHour: 20}

func TestDeltaGrowsInStepsByWhatIsWritten(t *testing.T) {
	step := int64(16) << 20
	for written, want := range map[float64]int64{
		0: step, 1: step, 16 << 20: 2 * step, float64(step) / 1.01: step, 1 << 30: 65 * step, // 1 GiB and 1 % of its own data
	} {
		if got := laws.file(written); got != want {
			t.Errorf("%g bytes: a file of %d, want %d", written, got, want)
		}
	}
}

func TestDeltaGrowsToItsDiskAndNoFurther(t *testing.T) {
	c := &chain{size: 2 * float64(gib), rate: float64(gib), deltas: []*delta{{snapshot: "a"}}}
	for hour, want := range map[float64]float64{0.5: 0.5, 2: 2, 3: 2, 100: 2} {
		_, got := c.more(laws, time.Duration(hour*float64(time.Hour)))
		if got != want*float64(gib) {
			t.Errorf("after %g h %g GiB are in the delta, want %g", hour, got/float64(gib), want)
		}
	}
	if bytes, _ := c.more(laws, 100*time.Hour); bytes+laws.file(0) != laws.file(2*float64(gib)) {
		t.Errorf("grows by %d", bytes)
	}
	if bytes, written := (&chain{size: 1, rate: 1}).more(laws, time.Hour); bytes != 0 || written != 0 {
		t.Errorf("a disk without a snapshot grows by %d", bytes)
	}
}

func TestMergedDeltaIsInTheOneBelow(t *testing.T) {
	deltas := func() []*delta {
		return []*delta{{snapshot: "a", written: 3}, {snapshot: "b", written: 4}, {snapshot: "c", written: 5}}
	}
	for gone, want := range map[string][]float64{"a": {4, 5}, "b": {7, 5}, "bc": {10}, "abc": nil, "": {3, 4, 5}} {
		c := &chain{size: 10, deltas: deltas()} // of a disk of 10, so that 3 + 4 + 5 is 10
		c.removed(func(snapshot string) bool { return strings.Contains(gone, snapshot) })
		c.merge()
		got := []float64{}
		for _, d := range c.deltas {
			got = append(got, d.written)
		}
		if len(got) != len(want) {
			t.Errorf("without %q: %v, want %v", gone, got, want)
			continue
		}
		for i := range want {
			if got[i] != want[i] {
				t.Errorf("without %q: %v, want %v", gone, got, want)
			}
		}
	}
}

const still = campus + `
physics:
  delta_step_mib: 16
  delta_overhead: 0.01
  vm_files_gib: 0.5
  consolidation_gib_per_hour: 20
  writes:
    - {vm: scanner-1, unit: 0, gib_per_hour: 1}
    - {vm: scanner-1, unit: 1, gib_per_hour: 0.5}
    - {vm: scanner-2, unit: 0, gib_per_hour: 1}
`

func TestPhysicsThatMakesNoSenseIsRefused(t *testing.T) {
	for edit, want := range map[string]string{
		"delta_step_mib: 16=delta_step_mib: 0":                                "physics.delta_step_mib: 0: must be between 1 and 1024",
		"delta_step_mib: 16=delta_step_mib: 1.5":                              "physics.delta_step_mib: 1.5: must be a whole number",
		"delta_overhead: 0.01=delta_overhead: 1.01":                           "physics.delta_overhead: 1.01: must be between 0 and 1",
		"delta_overhead: 0.01=delta_overhead: much":                           "physics.delta_overhead: much: must be a number",
		"vm_files_gib: 0.5=vm_files_gib: -1":                                  "physics.vm_files_gib: -1: must be between 0 and",
		"vm_files_gib: 0.5=vm_files_gib: .nan":                                "physics.vm_files_gib: NaN: must be between 0 and",
		"consolidation_gib_per_hour: 20=consolidation_gib_per_hour: 0":        "consolidation would never end",
		"unit: 1, gib_per_hour: 0.5=unit: 0, gib_per_hour: 0.5":               "physics.writes[1].vm: scanner-1: is named twice: also physics.writes[0].vm",
		"unit: 1, gib_per_hour: 0.5=unit: 16, gib_per_hour: 0.5":              "physics.writes[1].unit: 16: must be between 0 and 15",
		"unit: 1, gib_per_hour: 0.5=unit: 1, gib_per_hour: .inf":              "physics.writes[1].gib_per_hour: +Inf: must be between 0 and",
		"vm: scanner-2, unit: 0, gib_per_hour: 1=vm: '', unit: 0":             `physics.writes[2].vm: "": must be a name`,
		"vm: scanner-2, unit: 0, gib_per_hour: 1=vm: a, unit: 0, gb: 1":       "physics.writes[2].gb: 1: unknown key; known here: vm, unit, gib_per_hour",
		"  delta_step_mib: 16\n  delta_overhead: 0.01=  []\n# ":               "(file)",
		"consolidation_gib_per_hour: 20=consolidation_gib_per_hour: 70000000": "must be between 0 and 63488",
	} {
		old, fresh, _ := strings.Cut(edit, "=")
		_, err := LoadSite(write(t, strings.Replace(still, old, fresh, 1)))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %s", fresh, err, want)
		}
	}
	if _, err := LoadSite(write(t, campus+"physics:\n")); err == nil || !strings.Contains(err.Error(), "physics: empty: must be a mapping") {
		t.Errorf("empty physics: got %v", err)
	}
	site := must(LoadSite(write(t, still)))
	if got := site.Physics.rate("scanner-1", 1); math.Abs(got-0.5*float64(gib)) > 1 {
		t.Errorf("rate %g", got)
	}
	if must(LoadSite(write(t, campus))).Physics != nil {
		t.Error("a site without physics has some")
	}
}
