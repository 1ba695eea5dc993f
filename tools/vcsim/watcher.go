package main

import (
	"strings"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"
)

// watcher is told of every change of an object.
type watcher struct{ v *VCenter }

func (*watcher) Reference() types.ManagedObjectReference {
	return types.ManagedObjectReference{Type: "Watcher", Value: "watcher"}
}

// PutObject completes what new VMs and tasks report: without a swap placement every preview shows a diff, and without
// these states and with a task's method named wrongly pyvmomi cannot parse them.
func (*watcher) PutObject(ctx *simulator.Context, object mo.Reference) {
	switch o := object.(type) {
	case *simulator.VirtualMachine:
		if o.Config == nil {
			return
		}
		o.Config.SwapPlacement = "inherit"
		for _, runtime := range []*types.VirtualMachineRuntimeInfo{&o.Runtime, &o.Summary.Runtime} {
			runtime.FaultToleranceState = types.VirtualMachineFaultToleranceStateNotConfigured
			runtime.RecordReplayState = types.VirtualMachineRecordReplayStateInactive
		}
	case *simulator.Task:
		ctx.WithLock(o, func() { o.Info.Name = methodOf(o.Info.Name) })
	}
}

var known = types.TypeFunc()

// methodOf is the API method behind the simulator's name of a task, e.g. PowerOnVM_Task of PowerOn; empty when there is
// none, which clients take for a task without a method.
func methodOf(task string) string {
	base := strings.TrimSuffix(task, "_Task")
	for _, name := range []string{base, strings.TrimSuffix(base, "Vm") + "VM", base + "VM"} {
		if _, ok := known(name + "_Task"); ok {
			return name + "_Task"
		}
	}
	return ""
}

// UpdateObject follows power changes and words the faults of tasks.
func (w *watcher) UpdateObject(ctx *simulator.Context, object mo.Reference, changes []types.PropertyChange) {
	switch o := object.(type) {
	case *mo.Task:
		if o.Info.Error != nil {
			o.Info.Error.LocalizedMessage = wording(o.Info.Error)
		}
		if kind := o.Info.Entity.Type; o.Info.CompleteTime != nil && (kind == "VirtualDiskManager" || kind == "FileManager") {
			dc := w.v.array.datacenter(ctx).Reference()
			o.Info.Entity = &dc // a task's entity must be in the inventory, pyvmomi insists
		}
	case *mo.VirtualMachine:
		if o.Guest != nil {
			o.Guest.CustomizationInfo = nil // newer than the API version that we announce, so pyvmomi cannot parse it
		}
		for _, change := range changes {
			if change.Name == "runtime.powerState" && o.Config != nil {
				w.v.array.swapFile(ctx, o) // whatever call changed it, be it the guest's shutdown
			}
		}
	}
}

// RemoveObject has nothing to do.
func (*watcher) RemoveObject(*simulator.Context, types.ManagedObjectReference) {}
