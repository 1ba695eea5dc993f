package main

import (
	"testing"

	"github.com/vmware/govmomi/vim25/types"
)

func TestPathsLeadFromEveryLunToAdaptersOfItsFabric(t *testing.T) {
	s := start(t, campus)
	info := s.storage("esx-1.campus.example")
	kinds := map[string]Fabric{}
	for _, adapter := range info.HostBusAdapter {
		switch a := adapter.(type) {
		case *types.HostInternetScsiHba:
			kinds[a.Key] = ISCSI
		case *types.HostFibreChannelHba:
			kinds[a.Key] = FC
		case *types.HostBlockHba:
			kinds[a.Key] = Local
		}
	}
	names := map[string]string{}
	for _, lun := range info.ScsiLun {
		names[lun.GetScsiLun().Key] = lun.GetScsiLun().CanonicalName
	}
	want := map[string]Fabric{lunISCSI: ISCSI, lunFC: FC, lunSpare: ISCSI, "t10.local_templates": Local}
	if len(info.MultipathInfo.Lun) != len(want) {
		t.Errorf("%d LUNs, want %d", len(info.MultipathInfo.Lun), len(want))
	}
	for _, unit := range info.MultipathInfo.Lun {
		name := names[unit.Lun]
		if paths := map[bool]int{true: 1, false: 2}[want[name] == Local]; len(unit.Path) != paths {
			t.Errorf("%s has %d paths, want %d", name, len(unit.Path), paths)
		}
		for _, path := range unit.Path {
			if kinds[path.Adapter] != want[name] || transport(path.Transport) != want[name] {
				t.Errorf("%s (%s): path %s by adapter %s, transport %T", name, want[name], path.Name, path.Adapter, path.Transport)
			}
		}
	}
}

func transport(of types.BaseHostTargetTransport) Fabric {
	switch of.(type) {
	case *types.HostInternetScsiTargetTransport:
		return ISCSI
	case *types.HostFibreChannelTargetTransport:
		return FC
	default:
		return Local
	}
}

func TestTopologyAgreesWithPaths(t *testing.T) {
	info := start(t, campus).storage("esx-2.campus.example")
	type way struct{ adapter, lun string }
	byTopology, byPaths := map[way]int{}, map[way]int{}
	for _, adapter := range info.ScsiTopology.Adapter {
		for _, target := range adapter.Target {
			for _, lun := range target.Lun {
				byTopology[way{adapter.Adapter, lun.ScsiLun}]++
			}
		}
	}
	for _, unit := range info.MultipathInfo.Lun {
		for _, path := range unit.Path {
			byPaths[way{path.Adapter, unit.Lun}]++
		}
	}
	if len(byPaths) == 0 || len(byPaths) != len(byTopology) {
		t.Errorf("topology %v, paths %v", byTopology, byPaths)
	}
	for at, count := range byPaths {
		if byTopology[at] != count {
			t.Errorf("%v: %d ways in the topology, %d paths", at, byTopology[at], count)
		}
	}
}

func TestAdaptersDifferBetweenHosts(t *testing.T) {
	s := start(t, campus)
	iqns, ports := map[string]bool{}, map[int64]bool{}
	for _, host := range []string{"esx-1.campus.example", "esx-2.campus.example"} {
		for _, adapter := range s.storage(host).HostBusAdapter {
			switch a := adapter.(type) {
			case *types.HostInternetScsiHba:
				iqns[a.IScsiName] = true
			case *types.HostFibreChannelHba:
				ports[a.PortWorldWideName] = true
			}
		}
	}
	if len(iqns) != 2 || len(ports) != 2 {
		t.Errorf("iSCSI names %v, ports %v", iqns, ports)
	}
}

func TestVmfsOverhead(t *testing.T) {
	for size, want := range map[int64]int64{1: 2, 400: 2, 401: 2, 1000: 5} { // GiB; 401 GiB: 2.005
		if got := vmfsOverhead(size*gib) / gib; got != want {
			t.Errorf("%d GiB: %d, want %d", size, got, want)
		}
	}
}
