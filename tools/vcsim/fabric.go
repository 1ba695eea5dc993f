package main

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"

	"github.com/vmware/govmomi/vim25/types"
)

const sector = 512

// uuid is the SCSI identifier under which hosts know the device; it follows from the name, so runs agree.
func (l LUN) uuid() string {
	sum := sha256.Sum256([]byte(l.NAA))
	return "0200000000" + hex.EncodeToString(sum[:16])
}

func (l LUN) key() string  { return "key-vim.host.ScsiDisk-" + l.uuid() }
func (l LUN) bytes() int64 { return int64(l.SizeGiB) * gib }
func (l LUN) local() bool  { return l.Fabric == Local }
func (l LUN) path() string { return "/vmfs/devices/disks/" + l.NAA }
func (l LUN) unit() string { return "key-vim.host.MultipathInfo.LogicalUnit-" + l.uuid() }
func (a Adapter) key() string {
	return map[Fabric]string{
		ISCSI: "key-vim.host.InternetScsiHba-", FC: "key-vim.host.FibreChannelHba-", Local: "key-vim.host.BlockHba-",
	}[a.Fabric] + a.Device
}

func (l LUN) disk() *types.HostScsiDisk {
	vendor := map[bool]string{true: "ATA", false: "ARRAY"}[l.local()]
	return &types.HostScsiDisk{
		ScsiLun: types.ScsiLun{
			HostDevice:       types.HostDevice{DeviceName: l.path(), DeviceType: "disk"},
			Key:              l.key(),
			Uuid:             l.uuid(),
			Descriptor:       []types.ScsiLunDescriptor{{Quality: "highQuality", Id: l.NAA}},
			CanonicalName:    l.NAA,
			DisplayName:      fmt.Sprintf("%s %s disk (%s)", vendor, l.Fabric, l.NAA),
			LunType:          "disk",
			Vendor:           vendor,
			Model:            "simulated",
			ScsiLevel:        6,
			OperationalState: []string{"ok"},
			VStorageSupport:  "vStorageSupported",
		},
		Capacity:   types.HostDiskDimensionsLba{BlockSize: sector, Block: l.bytes() / sector},
		DevicePath: l.path(),
		Ssd:        types.NewBool(false),
		LocalDisk:  types.NewBool(l.local()),
	}
}

// storage is what the host reports of its adapters, of the devices that they reach and of the paths to them. All of it
// follows from the inventory, so adapters, topology and paths cannot disagree.
func (h Host) storage(devices []LUN) *types.HostStorageDeviceInfo {
	info := &types.HostStorageDeviceInfo{
		ScsiTopology: &types.HostScsiTopology{}, MultipathInfo: &types.HostMultipathInfo{},
	}
	adapters := append([]Adapter{{Device: "vmhba0", Fabric: Local, Paths: 1}}, h.Adapters...)
	for i, adapter := range adapters {
		info.HostBusAdapter = append(info.HostBusAdapter, h.bus(adapter, int32(i)))
		info.ScsiTopology.Adapter = append(info.ScsiTopology.Adapter, adapter.topology(devices))
		info.SoftwareInternetScsiEnabled = info.SoftwareInternetScsiEnabled || adapter.Fabric == ISCSI
	}
	for number, device := range devices {
		if !h.sees(device) {
			continue
		}
		info.ScsiLun = append(info.ScsiLun, device.disk())
		unit := types.HostMultipathInfoLogicalUnit{
			Key: device.unit(), Id: device.uuid(), Lun: device.key(),
			Policy:                 &types.HostMultipathInfoLogicalUnitPolicy{Policy: "VMW_PSP_RR"},
			StorageArrayTypePolicy: &types.HostMultipathInfoLogicalUnitStorageArrayTypePolicy{Policy: "VMW_SATP_ALUA"},
		}
		for _, adapter := range adapters {
			if adapter.Fabric == device.Fabric {
				unit.Path = append(unit.Path, adapter.paths(device, number)...)
			}
		}
		info.MultipathInfo.Lun = append(info.MultipathInfo.Lun, unit)
	}
	return info
}

// bus describes a host bus adapter.
func (h Host) bus(a Adapter, number int32) types.BaseHostHostBusAdapter {
	bus := types.HostHostBusAdapter{
		Key: a.key(), Device: a.Device, Bus: number, Status: "online", StorageProtocol: "scsi",
		Pci: fmt.Sprintf("0000:%02x:00.0", number+1), Model: fmt.Sprintf("Simulated %s adapter", a.Fabric),
	}
	switch a.Fabric {
	case ISCSI:
		bus.Driver = "iscsi_vmk"
		return &types.HostInternetScsiHba{
			HostHostBusAdapter: bus, IsSoftwareBased: true, CurrentSpeedMb: 10000,
			IScsiName: "iqn.1998-01.com.vmware:" + h.Name + "-" + a.Device,
			DiscoveryProperties: types.HostInternetScsiHbaDiscoveryProperties{
				StaticTargetDiscoveryEnabled: true, SendTargetsDiscoveryEnabled: true,
			},
		}
	case FC:
		bus.Driver = "lpfc"
		port := worldWideName(h.Name + a.Device)
		return &types.HostFibreChannelHba{
			HostHostBusAdapter: bus, PortWorldWideName: port, NodeWorldWideName: port | 1<<56,
			PortType: types.FibreChannelPortTypeFabric, Speed: 16,
		}
	default:
		bus.Driver = "vmw_ahci"
		return &types.HostBlockHba{HostHostBusAdapter: bus}
	}
}

// topology is one target per path, each with all devices of the adapter's fabric.
func (a Adapter) topology(devices []LUN) types.HostScsiTopologyInterface {
	seen := types.HostScsiTopologyInterface{Key: "key-vim.host.ScsiTopology.Interface-" + a.Device, Adapter: a.key()}
	for target := range a.Paths {
		key := fmt.Sprintf("key-vim.host.ScsiTopology.Target-%s:0:%d", a.Device, target)
		entry := types.HostScsiTopologyTarget{Key: key, Target: int32(target), Transport: a.transport(target)}
		for number, device := range devices {
			if device.Fabric != a.Fabric {
				continue
			}
			entry.Lun = append(entry.Lun, types.HostScsiTopologyLun{
				Key: fmt.Sprintf("%s:%d", key, number), Lun: int32(number), ScsiLun: device.key(),
			})
		}
		seen.Target = append(seen.Target, entry)
	}
	return seen
}

// paths are the adapter's ways to a device.
func (a Adapter) paths(device LUN, number int) (paths []types.HostMultipathInfoPath) {
	for target := range a.Paths {
		name := fmt.Sprintf("%s:C0:T%d:L%d", a.Device, target, number)
		paths = append(paths, types.HostMultipathInfoPath{
			Key: "key-vim.host.MultipathInfo.Path-" + name, Name: name, PathState: "active", State: "active",
			IsWorkingPath: types.NewBool(true), Adapter: a.key(), Lun: device.unit(), Transport: a.transport(target),
		})
	}
	return paths
}

// transport names the array's end of a path.
func (a Adapter) transport(target int) types.BaseHostTargetTransport {
	switch a.Fabric {
	case ISCSI:
		return &types.HostInternetScsiTargetTransport{
			IScsiName: "iqn.2000-01.example.array:target", Address: []string{fmt.Sprintf("192.0.2.%d:3260", target+1)},
		}
	case FC:
		port := worldWideName(fmt.Sprint("array port ", target))
		return &types.HostFibreChannelTargetTransport{PortWorldWideName: port, NodeWorldWideName: worldWideName("array")}
	default:
		return &types.HostBlockAdapterTargetTransport{}
	}
}

func worldWideName(of string) int64 {
	sum := sha256.Sum256([]byte(of))
	return 0x2000<<48 | int64(binary.BigEndian.Uint64(sum[:8])>>16)
}
