package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/vmware/govmomi/find"
	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/simulator/esx"
	"github.com/vmware/govmomi/vim25"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"
)

// build creates what the site describes, mostly through the API itself.
func (v *VCenter) build() error {
	ctx := context.Background()
	client, err := vim25.NewClient(ctx, v.model.Service)
	if err != nil {
		return err
	}
	dc, err := object.NewRootFolder(client).CreateDatacenter(ctx, v.site.Datacenter)
	if err != nil {
		return err
	}
	folders, err := dc.Folders(ctx)
	if err != nil {
		return err
	}
	for _, cluster := range v.site.Clusters {
		if err := v.addCluster(ctx, folders, cluster); err != nil {
			return fmt.Errorf("cluster %s: %w", cluster.Name, err)
		}
	}
	if err := v.addNetworks(dc.Reference()); err != nil {
		return err
	}
	v.array = newArray(v)
	v.extend()
	return v.fill(ctx, client, dc, folders.VmFolder)
}

// fill puts on the empty storage what is there from the start.
func (v *VCenter) fill(ctx context.Context, client *vim25.Client, dc *object.Datacenter, vms *object.Folder) error {
	for _, ds := range v.site.Datastores {
		device, _ := ds.device(v.site.LUNs)
		if fault := v.array.format(v.model.Service.Context, device, ds.Name); fault != nil {
			return fmt.Errorf("datastore %s: %s", ds.Name, fault.String)
		}
		if o := v.array.volume(ds.Name); ds.VMFS != "" {
			o.version = ds.VMFS
			v.array.publish(v.model.Service.Context, o)
		}
	}
	if err := v.addISOs(); err != nil {
		return err
	}
	finder := find.NewFinder(client).SetDatacenter(dc)
	for _, template := range v.site.Templates {
		if err := v.addTemplate(ctx, finder, vms, template); err != nil {
			return fmt.Errorf("template %s: %w", template.Name, err)
		}
	}
	return nil
}

func (v *VCenter) addCluster(ctx context.Context, folders *object.DatacenterFolders, cluster Cluster) error {
	drs := types.ClusterConfigSpecEx{DrsConfig: &types.ClusterDrsConfigInfo{Enabled: types.NewBool(true)}}
	created, err := folders.HostFolder.CreateCluster(ctx, cluster.Name, drs)
	if err != nil {
		return err
	}
	for _, host := range cluster.Hosts {
		task, err := created.AddHost(ctx, types.HostConnectSpec{HostName: host.Name}, true, nil, nil)
		if err != nil {
			return err
		}
		info, err := task.WaitForResult(ctx)
		if err != nil {
			return err
		}
		size(v.registry().Get(info.Result.(types.ManagedObjectReference)).(*simulator.HostSystem), host)
	}
	total(v.registry().Get(created.Reference()).(*simulator.ClusterComputeResource), cluster)
	return nil
}

const coreMHz = 2400

// size gives a host its processors and memory, where stock hosts are all alike.
func size(host *simulator.HostSystem, want Host) {
	memory := int64(want.MemoryGiB) * gib
	summary := host.Summary.Hardware
	summary.NumCpuPkgs, summary.NumCpuCores, summary.NumCpuThreads = 1, int16(want.CPUs), int16(want.CPUs)
	summary.CpuMhz, summary.MemorySize = coreMHz, memory
	host.Hardware.MemorySize = memory
	if product := host.Summary.Config.Product; product != nil && want.Version != "" {
		own := *product // the simulator's hosts share one
		own.Version = want.Version
		host.Summary.Config.Product = &own
	}
	host.Hardware.CpuInfo = types.HostCpuInfo{
		NumCpuPackages: 1, NumCpuCores: int16(want.CPUs), NumCpuThreads: int16(want.CPUs), Hz: coreMHz * 1_000_000,
	}
}

// total makes the cluster's sums agree with its hosts.
func total(cluster *simulator.ClusterComputeResource, want Cluster) {
	sum := cluster.Summary.GetComputeResourceSummary()
	sum.TotalCpu, sum.TotalMemory, sum.NumCpuCores, sum.NumCpuThreads, sum.EffectiveCpu, sum.EffectiveMemory = 0, 0, 0, 0, 0, 0
	for _, host := range want.Hosts {
		sum.TotalCpu += int32(host.CPUs) * coreMHz
		sum.TotalMemory += int64(host.MemoryGiB) * gib
		sum.NumCpuCores += int16(host.CPUs)
	}
	sum.NumCpuThreads, sum.EffectiveCpu, sum.EffectiveMemory = sum.NumCpuCores, sum.TotalCpu, sum.TotalMemory>>20 // MB
}

// addNetworks puts each port group on every host, beside the "VM Network" that each ESXi host comes with.
func (v *VCenter) addNetworks(dc types.ManagedObjectReference) error {
	ctx, registry := v.model.Service.Context, v.registry()
	hosts := registry.All("HostSystem")
	first := hosts[0].(*simulator.HostSystem)
	system := registry.Get(*first.ConfigManager.NetworkSystem).(*simulator.HostNetworkSystem)
	for _, name := range v.site.Networks {
		if name == "VM Network" {
			continue
		}
		spec := types.HostPortGroupSpec{Name: name, VswitchName: "vSwitch0"}
		if fault := system.AddPortGroup(ctx, &types.AddPortGroup{This: system.Self, Portgrp: spec}).Fault(); fault != nil {
			return fmt.Errorf("network %s: %s", name, fault.String)
		}
	}
	networks := registry.Get(dc).(*simulator.Datacenter).Network
	refs := func() []types.ManagedObjectReference { return append([]types.ManagedObjectReference{}, networks...) }
	for _, host := range hosts {
		host.(*simulator.HostSystem).Network = refs()
		for _, network := range networks {
			attached := registry.Get(network).(*mo.Network)
			attached.Host = append(attached.Host, host.Reference())
		}
	}
	for _, cluster := range registry.All("ClusterComputeResource") {
		cluster.(*simulator.ClusterComputeResource).Network = refs()
	}
	return nil
}

func (v *VCenter) addISOs() error {
	for _, iso := range v.site.ISOs {
		file := filepath.Join(v.array.volume(iso.Datastore).folder(), filepath.FromSlash(iso.Path))
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			return err
		}
		if err := os.WriteFile(file, nil, 0o600); err != nil {
			return err
		}
	}
	return nil
}

// addTemplate creates a machine with the template's disks and marks it as a template.
func (v *VCenter) addTemplate(ctx context.Context, find *find.Finder, folder *object.Folder, want Template) error {
	cluster, err := find.ClusterComputeResource(ctx, v.site.Clusters[0].Name)
	if err != nil {
		return err
	}
	pool, err := cluster.ResourcePool(ctx)
	if err != nil {
		return err
	}
	devices := object.VirtualDeviceList{}
	controller, _ := devices.CreateSCSIController("pvscsi")
	devices = append(devices, controller)
	for i, size := range want.DisksGiB {
		disk := devices.CreateDisk(controller.(types.BaseVirtualController), types.ManagedObjectReference{}, "")
		disk.Key, disk.CapacityInBytes, disk.CapacityInKB = int32(-100-i), int64(size)*gib, int64(size)*gib/1024
		disk.Backing.(*types.VirtualDiskFlatVer2BackingInfo).ThinProvisioned = types.NewBool(true)
		devices = append(devices, disk)
	}
	card := esx.EthernetCard
	devices = append(devices, &card)
	change, err := devices.ConfigSpec(types.VirtualDeviceConfigSpecOperationAdd)
	if err != nil {
		return err
	}
	task, err := folder.CreateVM(ctx, types.VirtualMachineConfigSpec{
		Name: want.Name, GuestId: want.GuestID, NumCPUs: 2, MemoryMB: 2048, DeviceChange: change,
		Files: &types.VirtualMachineFileInfo{VmPathName: "[" + want.Datastore + "]"},
	}, pool, nil)
	if err != nil {
		return err
	}
	info, err := task.WaitForResult(ctx)
	if err != nil {
		return err
	}
	return object.NewVirtualMachine(folder.Client(), info.Result.(types.ManagedObjectReference)).MarkAsTemplate(ctx)
}
