package main

import (
	"cmp"
	"slices"
	"time"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/types"
)

const (
	tick       = time.Minute
	maxAdvance = 1_000 * time.Hour // in one call, so that each ends
)

// world is the site in time: its clock, the deltas of its VMs, and what has failed. It is nil for a site without physics.
// Only calls behind the gate look at it.
type world struct {
	array  *array
	laws   *Physics
	now    time.Duration
	ahead  time.Duration // by which the hosts' clocks are ahead of vCenter's
	lives  map[types.ManagedObjectReference]*life
	lost   map[Fabric]time.Duration                       // since when
	failed map[types.ManagedObjectReference]bool          // hosts
	orphan map[types.ManagedObjectReference]time.Duration // VMs of lost hosts that wait to be restarted, since when
	asked  int                                            // questions so far
	events []Event
}

// Event is something that happened to the site, at an hour of the clock.
type Event struct {
	Hour      float64 `json:"hour"`
	What      string  `json:"what"`
	VM        string  `json:"vm,omitempty"`
	Datastore string  `json:"datastore,omitempty"`
	Host      string  `json:"host,omitempty"`
	Detail    string  `json:"detail,omitempty"`
}

// life is a VM in time.
type life struct {
	vm     *simulator.VirtualMachine
	name   string
	home   string // datastore of its own files
	on     bool
	writes bool // whether its guest runs and its disks can be reached
	chains []*chain
	merged float64 // bytes of the present consolidation
}

func newWorld(a *array, laws *Physics) *world {
	if laws == nil {
		return nil
	}
	return &world{
		array: a, laws: laws, lives: map[types.ManagedObjectReference]*life{}, lost: map[Fabric]time.Duration{},
		failed: map[types.ManagedObjectReference]bool{}, orphan: map[types.ManagedObjectReference]time.Duration{},
	}
}

func (w *world) tell(event Event) {
	event.Hour = w.now.Hours()
	w.events = append(w.events, event)
}

// follow makes the lives agree with the VMs: those that are there, where their disks are, and whether they write.
func (w *world) follow(ctx *simulator.Context) {
	if w == nil {
		return
	}
	here := map[types.ManagedObjectReference]*life{}
	for _, entity := range ctx.Map.All("VirtualMachine") {
		vm, ok := entity.(*simulator.VirtualMachine)
		if !ok {
			continue
		}
		one := w.lives[vm.Self]
		if one == nil {
			one = &life{vm: vm}
		}
		ctx.WithLock(vm, func() {
			if vm.Config != nil && !vm.Config.Template {
				w.look(one)
				here[vm.Self] = one
			}
		})
	}
	w.lives = here
}

func (w *world) look(one *life) {
	vm, known := one.vm, one.chains
	one.name, one.home, one.chains = vm.Name, datastoreOf(vm.Config.Files.VmPathName), nil
	one.on = vm.Runtime.PowerState == types.VirtualMachinePowerStatePoweredOn
	one.writes = one.on && vm.Runtime.Question == nil && vm.Runtime.ConnectionState == types.VirtualMachineConnectionStateConnected
	for _, disk := range disksOf(vm.Config.Hardware.Device) {
		if independent(disk) {
			continue
		}
		i := slices.IndexFunc(known, func(c *chain) bool { return c.key == disk.Key })
		c := &chain{key: disk.Key}
		if i >= 0 {
			c = known[i]
		}
		c.file, c.size = fileOf(disk), float64(capacity(disk))
		c.datastore = datastoreOf(c.file)
		if disk.UnitNumber != nil {
			c.rate = w.laws.rate(vm.Name, int(*disk.UnitNumber))
		}
		one.chains = append(one.chains, c)
	}
}

// independent disks have no part in snapshots.
func independent(disk *types.VirtualDisk) bool {
	backing, ok := disk.Backing.(*types.VirtualDiskFlatVer2BackingInfo)
	return ok && slices.Contains([]string{
		string(types.VirtualDiskModeIndependent_persistent), string(types.VirtualDiskModeIndependent_nonpersistent),
	}, backing.DiskMode)
}

// sorted are the lives by the VMs' names: what happens in a tick has an order.
func (w *world) sorted() []*life {
	all := make([]*life, 0, len(w.lives))
	for _, one := range w.lives {
		all = append(all, one)
	}
	slices.SortFunc(all, func(a, b *life) int { return cmp.Compare(a.name, b.name) })
	return all
}

// taken is what time has put on a datastore, in bytes: deltas, and what VMs that run keep beside their disks.
func (w *world) taken(name string) (bytes int64) {
	if w == nil {
		return 0
	}
	for _, one := range w.lives {
		if one.on && one.home == name {
			bytes += w.vmFiles()
		}
		for _, c := range one.chains {
			if c.datastore == name {
				bytes += c.files(w.laws)
			}
		}
	}
	return bytes
}

// vmFiles is what a VM that starts needs beside its swap file.
func (w *world) vmFiles() int64 {
	if w == nil {
		return 0
	}
	return int64(w.laws.VMFilesGiB * float64(gib))
}

// merging tells whether deltas of the VM are being consolidated.
func (l *life) merging() bool {
	return slices.ContainsFunc(l.chains, func(c *chain) bool {
		return slices.ContainsFunc(c.deltas, func(d *delta) bool { return d.merging })
	})
}

// advance lets time pass, tick by tick, and returns what happened.
func (w *world) advance(ctx *simulator.Context, passing time.Duration) []Event {
	from := len(w.events)
	w.array.settleAll(ctx)
	all := w.sorted() // which VMs there are does not change meanwhile: all calls that could wait
	for end := w.now + passing; w.now < end; {
		step := min(tick, end-w.now)
		w.now += step
		w.age(ctx)
		w.rescue(ctx, all)
		for _, one := range all {
			w.write(ctx, one, step)
			w.consolidate(ctx, one, step)
		}
	}
	w.array.settleAll(ctx)
	return w.events[from:]
}

// write grows a VM's deltas by what its guest writes in a step. When one of them can't grow, the guest stops.
func (w *world) write(ctx *simulator.Context, one *life, step time.Duration) {
	if !one.writes {
		return
	}
	need, full := demand{}, ""
	for _, c := range one.chains {
		if c.unaided() {
			c.aid()
			need[c.datastore] += w.laws.file(0)
		}
		bytes, _ := c.more(w.laws, step)
		need[c.datastore] += bytes
		if o := w.array.volume(c.datastore); o != nil && need[c.datastore] > o.free && full == "" {
			full = c.datastore
			w.stun(ctx, one, c)
		}
	}
	if full != "" {
		return
	}
	for _, c := range one.chains {
		if n := len(c.deltas); n > 0 {
			_, c.deltas[n-1].written = c.more(w.laws, step)
		}
	}
	for name, bytes := range need {
		w.array.volume(name).free -= bytes
	}
}

// consolidate merges removed deltas; their room is free when all of them, and what is written meanwhile, are merged.
func (w *world) consolidate(ctx *simulator.Context, one *life, step time.Duration) {
	if !one.merging() || w.unreachable(one) {
		return
	}
	left := 0.0
	for _, c := range one.chains {
		left += c.left()
	}
	one.merged += w.laws.ConsolidationGiBPerHour * float64(gib) * step.Hours()
	if one.merged < left {
		return
	}
	one.merged = 0
	for _, c := range one.chains {
		before := c.files(w.laws)
		c.merge()
		if o := w.array.volume(c.datastore); o != nil {
			o.free += before - c.files(w.laws)
		}
	}
	w.set(ctx, one.vm, types.PropertyChange{Name: "runtime.consolidationNeeded", Val: false})
	w.tell(Event{What: "consolidated", VM: one.name})
}
