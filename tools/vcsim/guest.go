package main

import (
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// CustomizeVMTask also keeps the guest's default route. The simulator's own reports the address alone, and a client that
// waits for one that can be reached from elsewhere would wait in vain. The route is kept first: once it has begun, the task
// writes to the same machine at the same time. A machine that runs is refused by it.
func (m *machine) CustomizeVMTask(ctx *simulator.Context, req *types.CustomizeVM_Task) (body soap.HasFault) {
	ctx.WithLock(m.stock, func() {
		if m.stock.Runtime.PowerState != types.VirtualMachinePowerStatePoweredOn {
			ctx.Update(m.stock, []types.PropertyChange{{Name: "guest.ipStack", Val: routes(req.Spec)}})
		}
		body = m.stock.CustomizeVMTask(ctx, req)
	})
	return body
}

// routes are the default routes of the cards that a specification gives a router.
func routes(spec types.CustomizationSpec) (stacks []types.GuestStackInfo) {
	for _, card := range spec.NicSettingMap {
		for _, router := range card.Adapter.Gateway {
			stacks = append(stacks, types.GuestStackInfo{IpRouteConfig: &types.NetIpRouteConfigInfo{
				IpRoute: []types.NetIpRouteConfigInfoIpRoute{{
					Network: "0.0.0.0", Gateway: types.NetIpRouteConfigInfoGateway{IpAddress: router},
				}},
			}})
		}
	}
	return stacks
}
