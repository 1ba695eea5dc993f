package main

import (
	"strings"

	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// storageSystem answers rescans, since what hosts report is always current, and tells what is on a device.
type storageSystem struct {
	gated
	array *array
}

// RescanAllHba changes nothing, where the simulator's own swaps all adapters for others.
func (*storageSystem) RescanAllHba(*types.RescanAllHba) soap.HasFault {
	return &methods.RescanAllHbaBody{Res: new(types.RescanAllHbaResponse)}
}

// RetrieveDiskPartitionInfo tells one partition where there is a VMFS or what another system has left, else none.
func (s *storageSystem) RetrieveDiskPartitionInfo(req *types.RetrieveDiskPartitionInfo) soap.HasFault {
	res := new(types.RetrieveDiskPartitionInfoResponse)
	for _, path := range req.DevicePath {
		device, ok := s.array.device(path[strings.LastIndex(path, "/")+1:])
		if !ok {
			return &methods.RetrieveDiskPartitionInfoBody{Fault_: hostFault("Device %s was not found on the host.", path)}
		}
		info := types.HostDiskPartitionInfo{DeviceName: path}
		if kind := s.content(device); kind != "" {
			info.Spec.Partition = []types.HostDiskPartitionAttributes{
				{Partition: 1, StartSector: 2048, EndSector: int64(device.SizeGiB)*gib/sector - 1, Type: kind},
			}
		}
		res.Returnval = append(res.Returnval, info)
	}
	return &methods.RetrieveDiskPartitionInfoBody{Res: res}
}

func (s *storageSystem) content(device LUN) string {
	if s.array.holder(device.NAA) != nil {
		return string(types.HostDiskPartitionInfoTypeVmfs)
	}
	return device.Partition
}
