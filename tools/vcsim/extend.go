package main

import (
	"reflect"
	"strings"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/simulator/esx"
	"github.com/vmware/govmomi/simulator/vpx"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"
)

// siteHost is a simulated host with its description.
type siteHost struct {
	*simulator.HostSystem
	described Host
}

func (v *VCenter) hosts() (hosts []siteHost) {
	for _, cluster := range v.site.Clusters {
		for _, host := range cluster.Hosts {
			for _, e := range v.registry().All("HostSystem") {
				if e.Entity().Name == host.Name {
					hosts = append(hosts, siteHost{e.(*simulator.HostSystem), host})
				}
			}
		}
	}
	return hosts
}

// extend closes the gaps between govmomi's simulator and what the provider and the checks ask of a vCenter.
func (v *VCenter) extend() {
	ctx := v.model.Service.Context
	ctx.Map.Handler = v.intercept
	ctx.Map.AddHandler(&watcher{v})

	for _, host := range v.hosts() {
		info := host.described.storage(v.array.devices)
		host.Config.StorageDevice = info
		ctx.Map.Get(*host.ConfigManager.StorageSystem).(*simulator.HostStorageSystem).StorageDeviceInfo = info
	}
	for _, e := range ctx.Map.All("ClusterComputeResource") {
		cluster := e.(*simulator.ClusterComputeResource)
		browser := ctx.Map.Get(*cluster.EnvironmentBrowser).(*simulator.EnvironmentBrowser)
		browser.QueryConfigOptionResponse.Returnval = hardware()

		// The provider looks a cluster up as a plain ComputeResource; a real vCenter accepts that, the simulator does not
		// ("The object has already been deleted or has not been completely created").
		alias := cluster.ComputeResource
		alias.Self = types.ManagedObjectReference{Type: "ComputeResource", Value: cluster.Self.Value}
		ctx.Map.Put(&alias)
	}
}

// hardware is what the cluster says of the virtual hardware that it can run. Without a hardware version every VM update
// asks for an upgrade and fails with AlreadyUpgraded; without levels of shares pyvmomi cannot parse the answer.
func hardware() *types.VirtualMachineConfigOption {
	version, _ := types.ParseHardwareVersion(esx.HardwareVersion)
	options := &types.VirtualMachineConfigOption{Version: esx.HardwareVersion, DefaultDevice: esx.VirtualDevice}
	options.HardwareOptions.HwVersion = int32(version)
	resources := &options.HardwareOptions.ResourceConfigOption
	resources.CpuAllocationOption.SharesOption.DefaultLevel = types.SharesLevelNormal
	resources.MemoryAllocationOption.SharesOption.DefaultLevel = types.SharesLevelNormal
	return options
}

// gate is the lock that all calls on storage share, so that one's check of free space holds until its files exist. It is
// an object reference because the simulator keeps a lock per reference and hands it from a call to the call's task. Its type
// is one that may own a task: a task shows the gate for the moment before it begins, and pyvmomi can't parse a type it doesn't know.
var gate = types.ManagedObjectReference{Type: reflect.TypeFor[mo.Folder]().Name(), Value: "gate"}

// gated is embedded by the objects that answer calls behind the gate.
type gated struct{ Self types.ManagedObjectReference }

func (gated) Reference() types.ManagedObjectReference { return gate }

// intercept lets our own objects answer the calls that they implement; all others go to the simulator's objects, which
// must stay in the registry since the simulator relies on their types.
func (v *VCenter) intercept(ctx *simulator.Context, method *simulator.Method) (mo.Reference, types.BaseMethodFault) {
	if ctx.Session == nil {
		if strings.HasPrefix(method.Name, "LoginBy") || strings.HasPrefix(method.Name, "LoginExtension") {
			return nil, &types.InvalidLogin{} // only names and passwords are checked here
		}
		return nil, nil
	}
	if fault := v.access.refused(method); fault != nil {
		return nil, fault
	}
	if method.This == vpx.ServiceContent.PropertyCollector {
		v.collectors.ensure(ctx, method.This)
		return nil, nil
	}
	v.protect(ctx, method)
	own := v.array.world.own(ctx, method.This)
	if own == nil {
		own = v.own(ctx.Map.Get(method.This))
	}
	name := strings.Replace(method.Name, "_Task", "Task", 1)
	if own == nil || !reflect.ValueOf(own).MethodByName(name).IsValid() {
		return nil, nil
	}
	method.This = gate // else the session looks the simulator's object up again and prefers it
	return own, nil
}

// own is the object of ours that stands before one of the simulator's.
func (v *VCenter) own(object mo.Reference) mo.Reference {
	behind := gated{gate}
	switch o := object.(type) {
	case *simulator.HostDatastoreSystem:
		return &datastoreSystem{behind, v.array, o}
	case *simulator.HostStorageSystem:
		return &storageSystem{behind, v.array}
	case *simulator.Datastore:
		return &datastore{behind, v.array, o}
	case *simulator.VirtualMachine:
		return &machine{behind, v.array, o}
	case *simulator.ResourcePool:
		return &pool{behind, v.array, o}
	case *simulator.Folder:
		return &folder{behind, v.array, o}
	case *simulator.Datacenter:
		return &datacenter{behind, v.array, o}
	case *simulator.VirtualDiskManager:
		return &diskManager{behind, v.array, o}
	case *simulator.HostDatastoreBrowser:
		return &browser{behind, v.array, o}
	case *simulator.FileManager:
		return &fileManager{behind, v.array, o}
	case *simulator.VirtualMachineSnapshot:
		if vm, ok := v.registry().Get(o.Vm).(*simulator.VirtualMachine); ok {
			return &frozen{behind, &machine{behind, v.array, vm}, o}
		}
		return nil
	case *simulator.ServiceInstance:
		return &service{behind, v.array.world}
	default:
		return nil
	}
}
