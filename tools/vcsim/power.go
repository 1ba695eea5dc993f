package main

import (
	"cmp"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"

	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// swap is the size of the VM's swap file while it runs, in bytes: memory that is not reserved. A spec's values replace
// the present ones where it has them.
func (m *machine) swap(ctx *simulator.Context, spec *types.VirtualMachineConfigSpec) (bytes int64) {
	ctx.WithLock(m.stock, func() { bytes = swapOf(m.stock.Config, spec) })
	return bytes
}

func swapOf(config *types.VirtualMachineConfigInfo, spec *types.VirtualMachineConfigSpec) int64 {
	memory, reserved := int64(config.Hardware.MemoryMB), int64(0)
	allocation, locked := config.MemoryAllocation, config.MemoryReservationLockedToMax
	if spec != nil {
		if spec.MemoryMB != 0 {
			memory = spec.MemoryMB
		}
		if spec.MemoryAllocation != nil {
			allocation = spec.MemoryAllocation
		}
		if spec.MemoryReservationLockedToMax != nil {
			locked = spec.MemoryReservationLockedToMax
		}
	}
	if allocation != nil && allocation.Reservation != nil {
		reserved = *allocation.Reservation
	}
	if locked != nil && *locked {
		reserved = memory
	}
	return max(0, memory-reserved) << 20
}

// swapGrowth is what a change of memory takes while the VM runs.
func (m *machine) swapGrowth(ctx *simulator.Context, spec *types.VirtualMachineConfigSpec) int64 {
	if m.stock.Runtime.PowerState != types.VirtualMachinePowerStatePoweredOn {
		return 0
	}
	return max(0, m.swap(ctx, spec)-m.swap(ctx, nil))
}

// swapFault is what a host answers when the swap file does not fit: the VM stays off.
func (m *machine) swapFault(ctx *simulator.Context) types.BaseMethodFault {
	need := m.swap(ctx, nil)
	if m.array.lacking(demand{m.home(): need + m.array.world.vmFiles()}) == nil {
		return nil
	}
	return &types.GenericVmConfigFault{Reason: fmt.Sprintf(
		"Failed to extend swap file from 0 KB to %d KB: insufficient disk space on datastore '%s'.", need/1024, m.home())}
}

// PowerOnVMTask starts the VM when its swap file fits.
func (m *machine) PowerOnVMTask(ctx *simulator.Context, req *types.PowerOnVM_Task) soap.HasFault {
	task := m.array.change(ctx, m.stock, "powerOn", func() (types.AnyType, types.BaseMethodFault) {
		return m.powerOn(ctx, req)
	})
	return &methods.PowerOnVM_TaskBody{Res: &types.PowerOnVM_TaskResponse{Returnval: task}}
}

func (m *machine) powerOn(ctx *simulator.Context, req *types.PowerOnVM_Task) (types.AnyType, types.BaseMethodFault) {
	if m.stock.Runtime.PowerState == types.VirtualMachinePowerStatePoweredOff {
		if fault := cmp.Or(m.array.world.barred(ctx, m.stock.Self), m.swapFault(ctx)); fault != nil {
			return nil, fault
		}
	}
	return m.array.guarded(ctx, nil, func() (body soap.HasFault) {
		ctx.WithLock(m.stock, func() { body = m.stock.PowerOnVMTask(ctx, req) })
		return body
	})
}

// PowerOffVMTask stops the VM; its swap file goes.
func (m *machine) PowerOffVMTask(ctx *simulator.Context, req *types.PowerOffVM_Task) soap.HasFault {
	task := m.array.change(ctx, m.stock, "powerOff", func() (types.AnyType, types.BaseMethodFault) {
		return m.array.guarded(ctx, nil, func() (body soap.HasFault) {
			ctx.WithLock(m.stock, func() { body = m.stock.PowerOffVMTask(ctx, req) })
			return body
		})
	})
	return &methods.PowerOffVM_TaskBody{Res: &types.PowerOffVM_TaskResponse{Returnval: task}}
}

// ShutdownGuest stops the VM from within; its swap file goes when it is off.
func (m *machine) ShutdownGuest(ctx *simulator.Context, req *types.ShutdownGuest) (body soap.HasFault) {
	ctx.WithLock(m.stock, func() { body = m.stock.ShutdownGuest(ctx, req) })
	for state := types.VirtualMachinePowerStatePoweredOn; body.Fault() == nil && state == types.VirtualMachinePowerStatePoweredOn; {
		time.Sleep(pollInterval) // its task is not returned, and always ends
		ctx.WithLock(m.stock, func() { state = m.stock.Runtime.PowerState })
	}
	m.array.settleAll(ctx)
	return body
}

// datacenter answers the start of many VMs at once.
type datacenter struct {
	gated
	array *array
	stock *simulator.Datacenter
}

// PowerOnMultiVMTask starts each VM whose swap file fits; each has a task of its own, as on a vCenter.
func (d *datacenter) PowerOnMultiVMTask(ctx *simulator.Context, req *types.PowerOnMultiVM_Task) soap.HasFault {
	result := types.ClusterPowerOnVmResult{}
	task := d.array.change(ctx, d.stock, "powerOnMultiVM", func() (types.AnyType, types.BaseMethodFault) {
		for _, ref := range req.Vm {
			if _, ok := ctx.Map.Get(ref).(*simulator.VirtualMachine); !ok {
				result.NotAttempted = append(result.NotAttempted, types.ClusterNotAttemptedVmInfo{
					Vm: ref, Fault: types.LocalizedMethodFault{Fault: &types.ManagedObjectNotFound{Obj: ref}},
				})
				continue
			}
			one := d.array.machine(ctx, ref).PowerOnVMTask(ctx, &types.PowerOnVM_Task{This: ref}).(*methods.PowerOnVM_TaskBody).Res.Returnval
			outcome(ctx, one) // the next VM's file must fit beside this one's
			result.Attempted = append(result.Attempted, types.ClusterAttemptedVmInfo{Vm: ref, Task: &one})
		}
		return result, nil
	})
	return &methods.PowerOnMultiVM_TaskBody{Res: &types.PowerOnMultiVM_TaskResponse{Returnval: task}}
}

// swapFile makes the VM's swap file follow its power state and memory.
func (a *array) swapFile(ctx *simulator.Context, vm *mo.VirtualMachine) {
	var home object.DatastorePath
	home.FromString(vm.Config.Files.VmPathName)
	o := a.volume(home.Datastore)
	if o == nil || path.Ext(home.Path) != ".vmx" {
		return
	}
	file := filepath.Join(o.dir, filepath.FromSlash(strings.TrimSuffix(home.Path, ".vmx"))+".vswp")
	if vm.Runtime.PowerState == types.VirtualMachinePowerStatePoweredOff {
		_ = os.Remove(file)
	} else if swap, err := os.OpenFile(file, os.O_CREATE|os.O_WRONLY, 0o600); err == nil {
		_ = swap.Truncate(swapOf(vm.Config, nil)) // a hole: it takes no room on this machine
		_ = swap.Close()
	}
}
