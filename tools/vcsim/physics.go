package main

import (
	"fmt"
	"math"
	"time"
)

// Physics is what time does to the site; without it nothing moves. All of it is virtual: only a client moves the clock.
type Physics struct {
	// DeltaStepMiB is the step in which a delta's file grows, and what it takes when it is made.
	DeltaStepMiB int `yaml:"delta_step_mib"`
	// DeltaOverhead is a delta's own data, as a fraction of what is written to it.
	DeltaOverhead float64 `yaml:"delta_overhead"`
	// VMFilesGiB is what a VM that runs keeps beside disks and swap file: logs, NVRAM, the swap file of its own process.
	VMFilesGiB float64 `yaml:"vm_files_gib"`
	// ConsolidationGiBPerHour is how much of its deltas a VM's consolidation merges in an hour.
	ConsolidationGiBPerHour float64 `yaml:"consolidation_gib_per_hour"`
	Writes                  []Write `yaml:"writes"`
}

// Write is what a guest writes to the disk at a SCSI unit of its VM, while it runs; to disks that are not named, nothing.
type Write struct {
	VM         string  `yaml:"vm"`
	Unit       int     `yaml:"unit"`
	GiBPerHour float64 `yaml:"gib_per_hour"`
}

const maxStepMiB = 1024

// physics reports what makes no sense as physics.
func (d *document) physics(p *Physics) {
	if p == nil {
		return
	}
	d.between("physics.delta_step_mib", p.DeltaStepMiB, 1, maxStepMiB)
	d.sane("physics.delta_overhead", p.DeltaOverhead, 1)
	d.sane("physics.vm_files_gib", p.VMFilesGiB, maxDiskGiB)
	d.sane("physics.consolidation_gib_per_hour", p.ConsolidationGiBPerHour, maxDiskGiB)
	if p.ConsolidationGiBPerHour == 0 {
		d.report("physics.consolidation_gib_per_hour", 0, "must be above 0: consolidation would never end")
	}
	writes := names{d, map[string]string{}}
	for i, write := range p.Writes {
		at := fmt.Sprintf("physics.writes[%d]", i)
		writes.addAs(at+".vm", write.VM, fmt.Sprintf("%s unit %d", write.VM, write.Unit))
		d.between(at+".unit", write.Unit, 0, 15)
		d.sane(at+".gib_per_hour", write.GiBPerHour, maxDiskGiB)
	}
}

func (d *document) sane(path string, value float64, most float64) {
	if math.IsNaN(value) || value < 0 || value > most {
		d.report(path, value, "must be between 0 and %g", most)
	}
}

// rate is what is written to a disk in an hour, in bytes.
func (p *Physics) rate(vm string, unit int) float64 {
	for _, write := range p.Writes {
		if write.VM == vm && write.Unit == unit {
			return write.GiBPerHour * float64(gib)
		}
	}
	return 0
}

// file is the size of a delta's file to which so many bytes were written.
func (p *Physics) file(written float64) int64 {
	step := int64(p.DeltaStepMiB) << 20
	return step * max(1, int64(math.Ceil(written*(1+p.DeltaOverhead)/float64(step))))
}

// delta is the file that takes a disk's writes since a snapshot.
type delta struct {
	snapshot string  // value of its reference; empty for a helper, which takes writes while all others are merged
	written  float64 // bytes, at most the disk's size: a block that is written again does not enlarge it
	merging  bool    // its snapshot is removed
}

// chain is the deltas of one disk, oldest first. Only the last one grows.
type chain struct {
	key       int32
	file      string // of the base disk
	datastore string
	size      float64 // of the base disk, bytes
	rate      float64 // bytes an hour
	deltas    []*delta
}

// files is what the chain's deltas take, in bytes.
func (c *chain) files(p *Physics) (sum int64) {
	for _, d := range c.deltas {
		sum += p.file(d.written)
	}
	return sum
}

// more is what the chain takes more when writing goes on for a time, and the last delta's content then.
func (c *chain) more(p *Physics, passed time.Duration) (bytes int64, written float64) {
	if len(c.deltas) == 0 {
		return 0, 0
	}
	last := c.deltas[len(c.deltas)-1]
	written = min(c.size, last.written+c.rate*passed.Hours())
	return p.file(written) - p.file(last.written), written
}

// removed marks the deltas of snapshots that are gone as to be merged.
func (c *chain) removed(gone func(snapshot string) bool) {
	for _, d := range c.deltas {
		d.merging = d.merging || gone(d.snapshot)
	}
}

// unaided tells whether the last delta is being merged: a guest that writes needs a helper beside it.
func (c *chain) unaided() bool {
	n := len(c.deltas)
	return n > 0 && c.deltas[n-1].merging && c.deltas[n-1].snapshot != ""
}

// aid begins a helper, which is merged last.
func (c *chain) aid() { c.deltas = append(c.deltas, &delta{merging: true}) }

// left is how many bytes are still to be merged, without what was merged already.
func (c *chain) left() (bytes float64) {
	for _, d := range c.deltas {
		if d.merging {
			bytes += d.written
		}
	}
	return bytes
}

// merge ends a consolidation: what was in a removed delta is in the one below now, or in the disk itself.
func (c *chain) merge() {
	var kept []*delta
	for _, d := range c.deltas {
		switch {
		case !d.merging:
			kept = append(kept, d)
		case len(kept) > 0:
			below := kept[len(kept)-1]
			below.written = min(c.size, below.written+d.written)
		}
	}
	c.deltas = kept
}
