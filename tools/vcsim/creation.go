package main

import (
	"time"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// prepare readies the specification of a new VM: names of its disks' files, the host that it goes to, and what it takes.
func (a *array) prepare(
	ctx *simulator.Context, config *types.VirtualMachineConfigSpec, pool types.ManagedObjectReference,
	host **types.ManagedObjectReference,
) (demand, types.BaseMethodFault) {
	if config.Files == nil || config.Files.VmPathName == "" {
		return nil, &types.InvalidVmConfig{Property: "configSpec.files.vmPathName"}
	}
	home := datastoreOf(config.Files.VmPathName)
	need := demand{home: 0}
	a.place(config.Name, home, config.DeviceChange)
	a.adopt(ctx, config.DeviceChange)
	need.devices(home, nil, config.DeviceChange)
	if *host == nil {
		*host = a.host(ctx, pool, need)
	}
	if fault := a.unseen(ctx, *host, need); fault != nil {
		return nil, fault
	}
	return need, a.lacking(need)
}

// folder answers the creation of VMs.
type folder struct {
	gated
	array *array
	stock *simulator.Folder
}

// CreateVMTask creates a VM with its disks.
func (f *folder) CreateVMTask(ctx *simulator.Context, req *types.CreateVM_Task) soap.HasFault {
	task := f.array.change(ctx, f.stock, "createVm", func() (types.AnyType, types.BaseMethodFault) {
		need, fault := f.array.prepare(ctx, &req.Config, req.Pool, &req.Host)
		if fault != nil {
			return nil, fault
		}
		result, fault := f.array.guarded(ctx, need, func() (body soap.HasFault) {
			ctx.WithLock(f.stock, func() { body = f.stock.CreateVMTask(ctx, req) })
			return body
		})
		if ref, ok := result.(types.ManagedObjectReference); ok && fault == nil {
			f.array.machine(ctx, ref).record(ctx)
		}
		return result, fault
	})
	return &methods.CreateVM_TaskBody{Res: &types.CreateVM_TaskResponse{Returnval: task}}
}

// pool answers the import of VMs from OVF.
type pool struct {
	gated
	array *array
	stock *simulator.ResourcePool
}

// ImportVApp creates a VM when its disks fit. What is uploaded afterwards fills disks that are counted in full already.
func (p *pool) ImportVApp(ctx *simulator.Context, req *types.ImportVApp) soap.HasFault {
	if spec, ok := req.Spec.(*types.VirtualMachineImportSpec); ok {
		if _, fault := p.array.prepare(ctx, &spec.ConfigSpec, p.stock.Self, &req.Host); fault != nil {
			return &methods.ImportVAppBody{Fault_: simulator.Fault(wording(&types.LocalizedMethodFault{Fault: fault}), fault)}
		}
	}
	body := p.stock.ImportVApp(ctx, req)
	if body.Fault() != nil {
		return body
	}
	lease := ctx.Session.Get(returned(body).Interface().(types.ManagedObjectReference)).(*simulator.HttpNfcLease)
	for state := types.HttpNfcLeaseStateInitializing; state == types.HttpNfcLeaseStateInitializing; time.Sleep(pollInterval) {
		ctx.WithLock(lease, func() { state = lease.State }) // its task always ends
	}
	if lease.Info != nil {
		p.array.machine(ctx, lease.Info.Entity).record(ctx)
	}
	p.array.settleAll(ctx)
	return body
}

// machine is what stands before a VM.
func (a *array) machine(ctx *simulator.Context, ref types.ManagedObjectReference) *machine {
	return &machine{gated{gate}, a, ctx.Map.Get(ref).(*simulator.VirtualMachine)}
}
