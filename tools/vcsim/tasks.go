package main

import (
	"fmt"
	"reflect"
	"strings"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/simulator/vpx"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// change is task for an operation that takes or frees room: all datastores are counted anew before it is done.
func (a *array) change(
	ctx *simulator.Context, entity mo.Entity, name string, run func() (types.AnyType, types.BaseMethodFault),
) types.ManagedObjectReference {
	return a.task(ctx, entity, name, func() (types.AnyType, types.BaseMethodFault) {
		defer a.settleAll(ctx)
		return run()
	})
}

// task runs an operation on storage as a task of the entity. The gate is held from the call to the task's end.
func (a *array) task(
	ctx *simulator.Context, entity mo.Entity, name string, run func() (types.AnyType, types.BaseMethodFault),
) types.ManagedObjectReference {
	task := simulator.CreateTask(gated{gate}, name, func(t *simulator.Task) (types.AnyType, types.BaseMethodFault) {
		ref := entity.Reference()
		ctx.WithLock(t, func() { t.Info.Entity, t.Info.EntityName = &ref, entity.Entity().Name })
		return run()
	})
	task.Info.DescriptionId = fmt.Sprintf("%s.%s", entity.Reference().Type, name)
	return task.Run(ctx)
}

// outcome waits for a task and returns what came of it.
func outcome(ctx *simulator.Context, ref types.ManagedObjectReference) (
	result types.AnyType, fault types.BaseMethodFault, entity types.ManagedObjectReference,
) {
	task := ctx.Map.Get(ref).(*simulator.Task)
	task.Wait()
	ctx.WithLock(task, func() {
		result, entity = task.Info.Result, *task.Info.Entity
		if task.Info.Error != nil {
			fault = task.Info.Error.Fault
		}
	})
	return result, fault, entity
}

// finish is outcome for a task of the simulator's own, which it takes out of the inventory: callers see one task per
// call.
func finish(ctx *simulator.Context, ref types.ManagedObjectReference) (types.AnyType, types.BaseMethodFault) {
	result, fault, entity := outcome(ctx, ref)
	ctx.Map.Remove(ctx, ref)
	hide(ctx, ref, entity)
	return result, fault
}

// hide takes a task out of the lists of recent tasks.
func hide(ctx *simulator.Context, ref, entity types.ManagedObjectReference) {
	if manager, ok := ctx.Map.Get(*vpx.ServiceContent.TaskManager).(*simulator.TaskManager); ok {
		ctx.Map.RemoveReference(ctx, manager, &manager.RecentTask, ref)
	}
	if e, ok := ctx.Map.Get(entity).(mo.Entity); ok {
		ctx.Map.RemoveReference(ctx, e, &e.Entity().RecentTask, ref)
	}
}

// returned is the task reference in the answer of a call that starts a task.
func returned(body soap.HasFault) reflect.Value {
	return reflect.ValueOf(body).Elem().FieldByName("Res").Elem().FieldByName("Returnval")
}

// wording is the sentence that people read of a task's fault, as a vCenter has it; the simulator's own is a Go type name.
func wording(fault *types.LocalizedMethodFault) string {
	switch f := fault.Fault.(type) {
	case *types.NoDiskSpace:
		return fmt.Sprintf("Insufficient disk space on datastore '%s'.", f.Datastore)
	case *types.GenericVmConfigFault:
		return f.Reason
	case *types.ResourceInUse:
		return fmt.Sprintf("The resource '%s' is in use.", f.Name)
	case *types.DuplicateName:
		return fmt.Sprintf("The name '%s' already exists.", f.Name)
	case *types.InvalidDatastore:
		return fmt.Sprintf("Datastore '%s' is not there or not visible to the host.", f.Name)
	case *types.InvalidPowerState:
		return fmt.Sprintf("The attempted operation cannot be performed in the current state (%s).", f.ExistingState)
	case *types.FileAlreadyExists:
		return fmt.Sprintf("Cannot complete the operation because the file or folder %s already exists", f.File)
	case *types.FileNotFound:
		return fmt.Sprintf("File %s was not found", f.File)
	default:
		return strings.TrimPrefix(fault.LocalizedMessage, "*types.")
	}
}
