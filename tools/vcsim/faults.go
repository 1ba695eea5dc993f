package main

import (
	"slices"
	"time"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/types"
)

// apdTimeout is when a host gives up waiting for a path (Misc.APDTimeout); VMs wait on.
const apdTimeout = 140 * time.Second

// unreachable tells whether a VM has its home or a disk on a datastore whose fabric is lost.
func (w *world) unreachable(one *life) bool {
	down := func(name string) bool {
		o := w.array.volume(name)
		return o != nil && w.down(o)
	}
	return down(one.home) || slices.ContainsFunc(one.chains, func(c *chain) bool { return down(c.datastore) })
}

// barred is why a VM can't start, whatever its size; nil when it can.
func (w *world) barred(ctx *simulator.Context, vm types.ManagedObjectReference) types.BaseMethodFault {
	if w == nil {
		return nil
	}
	w.follow(ctx)
	one := w.lives[vm]
	if one == nil {
		return nil
	}
	if w.dead(*one.vm.Runtime.Host) {
		return &types.HostNotConnected{}
	}
	if !w.unreachable(one) {
		return nil
	}
	return &types.InaccessibleDatastore{InvalidDatastore: types.InvalidDatastore{Name: one.home}}
}

// dead tells whether a host is lost.
func (w *world) dead(host types.ManagedObjectReference) bool { return w != nil && w.failed[host] }

// down tells whether a part of a volume is on a fabric that is lost.
func (w *world) down(o *volume) bool {
	if w == nil {
		return false
	}
	return slices.ContainsFunc(o.devices, func(l LUN) bool { _, lost := w.lost[l.Fabric]; return lost })
}

// fabric loses a fabric, or brings it back: all paths over it, its datastores, and the VMs that live on them.
func (w *world) fabric(ctx *simulator.Context, name Fabric, lost bool) {
	if _, already := w.lost[name]; already == lost {
		return
	}
	w.array.settleAll(ctx)
	what := "fabric back"
	if lost {
		w.lost[name], what = w.now, "fabric lost"
	} else {
		delete(w.lost, name)
	}
	w.tell(Event{What: what, Detail: string(name)})
	w.paths(ctx)
	for _, o := range w.array.all() {
		w.show(ctx, o)
	}
	for _, one := range w.sorted() {
		state := types.VirtualMachineConnectionStateConnected
		if w.unreachable(one) {
			state = types.VirtualMachineConnectionStateInaccessible
		}
		w.connect(ctx, one, state)
	}
	w.follow(ctx)
}

func (w *world) connect(ctx *simulator.Context, one *life, state types.VirtualMachineConnectionState) {
	if one.vm.Runtime.ConnectionState == state {
		return
	}
	w.set(ctx, one.vm,
		types.PropertyChange{Name: "runtime.connectionState", Val: state},
		types.PropertyChange{Name: "summary.runtime.connectionState", Val: state})
	w.tell(Event{What: string(state), VM: one.name, Datastore: one.home})
}

// show makes a datastore say whether it can be reached.
func (w *world) show(ctx *simulator.Context, o *volume) {
	down, reason := w.down(o), ""
	if down {
		reason = string(types.HostMountInfoInaccessibleReasonAllPathsDown_Start)
		for _, device := range o.devices {
			if since, lost := w.lost[device.Fabric]; lost && w.now-since >= apdTimeout {
				reason = string(types.HostMountInfoInaccessibleReasonAllPathsDown_Timeout)
			}
		}
	}
	ctx.WithLock(o.ds, func() {
		mounts := slices.Clone(o.ds.Host)
		for i := range mounts {
			mounts[i].MountInfo.Accessible, mounts[i].MountInfo.InaccessibleReason = types.NewBool(!down), reason
		}
		ctx.Update(o.ds, []types.PropertyChange{
			{Name: "host", Val: mounts}, {Name: "summary.accessible", Val: !down},
		})
	})
}

// paths makes each host report the state of its paths.
func (w *world) paths(ctx *simulator.Context) {
	for _, host := range w.array.v.hosts() {
		info := host.described.storage(w.array.devices)
		dead := map[string]bool{}
		for _, device := range w.array.devices {
			if _, lost := w.lost[device.Fabric]; lost {
				dead[device.unit()] = true
			}
		}
		for _, unit := range info.MultipathInfo.Lun {
			for i := range unit.Path {
				if dead[unit.Key] {
					unit.Path[i].PathState, unit.Path[i].State, unit.Path[i].IsWorkingPath = "dead", "dead", types.NewBool(false)
				}
			}
		}
		system := ctx.Map.Get(*host.ConfigManager.StorageSystem).(*simulator.HostStorageSystem)
		ctx.WithLock(system, func() { system.StorageDeviceInfo = info })
		ctx.WithLock(host.HostSystem, func() { host.Config.StorageDevice = info })
	}
	w.array.mounts(ctx)
}

// age moves what only waits for the clock: a lost path is given up after a while.
func (w *world) age(ctx *simulator.Context) {
	for fabric, since := range w.lost {
		if passed := w.now - since; passed < apdTimeout || passed >= apdTimeout+tick {
			continue
		}
		for _, o := range w.array.all() {
			if slices.ContainsFunc(o.devices, func(l LUN) bool { return l.Fabric == fabric }) {
				w.show(ctx, o)
			}
		}
	}
}
