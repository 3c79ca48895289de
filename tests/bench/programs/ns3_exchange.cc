// ns3_exchange COUNT [FOLDER]: COUNT datagrams of 100 bytes from pod a1 to pod b1, each echoed.
// With FOLDER, every CSMA device writes a capture there. Prints the seconds the simulation took.
//
//   a1 --+                         +-- b1
//        bridge, node-a -- node-b, bridge
//   a2 --+                         +-- b2
#include <array>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <string>

#include "ns3/applications-module.h"
#include "ns3/bridge-module.h"
#include "ns3/core-module.h"
#include "ns3/csma-module.h"
#include "ns3/internet-module.h"
#include "ns3/network-module.h"

using namespace ns3;

namespace {

constexpr uint16_t kPort = 5000;
constexpr uint32_t kPayload = 100;  // bytes
constexpr int kSides = 2;
constexpr int kPods = 2;  // of each side

uint32_t answers = 0;

void CountAnswer(Ptr<const Packet>) { ++answers; }

struct Side {
  NodeContainer pods;
  Ptr<Node> node;
  Ptr<NetDevice> bridge;
  Ipv4InterfaceContainer addresses;  // the bridge's, then the pods'
};

Side MakeSide(CsmaHelper& cable, const InternetStackHelper& stack, Ptr<Node> node,
              const std::string& subnet) {
  Side side;
  side.node = node;
  side.pods.Create(kPods);
  stack.Install(side.pods);
  NetDeviceContainer inside, ports;
  for (int pod = 0; pod < kPods; ++pod) {
    const NetDeviceContainer ends = cable.Install(NodeContainer(side.pods.Get(pod), node));
    inside.Add(ends.Get(0));
    ports.Add(ends.Get(1));
  }
  const NetDeviceContainer bridge = BridgeHelper().Install(node, ports);
  side.bridge = bridge.Get(0);
  Ipv4AddressHelper next;
  next.SetBase(subnet.c_str(), "255.255.255.0");
  side.addresses = next.Assign(bridge);
  side.addresses.Add(next.Assign(inside));
  return side;
}

Ptr<Ipv4StaticRouting> RoutesOf(Ptr<Node> node) {
  return Ipv4StaticRoutingHelper().GetStaticRouting(node->GetObject<Ipv4>());
}

double Run(uint32_t count) {
  const auto start = std::chrono::steady_clock::now();
  Simulator::Stop(Seconds(2) + MilliSeconds(count));
  Simulator::Run();
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  return took.count();
}

}  // namespace

int main(int argc, char** argv) {
  const uint32_t count = argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 1000;

  // An ARP request may be put off for 10 ms, in which more than the usual three datagrams come.
  Config::SetDefault("ns3::ArpCache::PendingQueueSize", UintegerValue(100));

  CsmaHelper cable;
  cable.SetChannelAttribute("DataRate", StringValue("10Gbps"));
  cable.SetChannelAttribute("Delay", TimeValue(MicroSeconds(10)));
  const InternetStackHelper stack;
  NodeContainer nodes;
  nodes.Create(kSides);
  stack.Install(nodes);

  const std::array<std::string, kSides> subnets = {"10.1.1.0", "10.1.2.0"};
  std::array<Side, kSides> sides;
  for (int i = 0; i < kSides; ++i) sides[i] = MakeSide(cable, stack, nodes.Get(i), subnets[i]);

  const NetDeviceContainer uplinks = cable.Install(nodes);
  Ipv4AddressHelper between;
  between.SetBase("192.168.0.0", "255.255.255.0");
  const Ipv4InterfaceContainer outside = between.Assign(uplinks);
  for (int i = 0; i < kSides; ++i) {
    const uint32_t device = nodes.Get(i)->GetObject<Ipv4>()->GetInterfaceForDevice(uplinks.Get(i));
    RoutesOf(nodes.Get(i))->AddNetworkRouteTo(subnets[1 - i].c_str(), "255.255.255.0",
                                             outside.GetAddress(1 - i), device);
    for (int pod = 0; pod < kPods; ++pod)
      RoutesOf(sides[i].pods.Get(pod))->SetDefaultRoute(sides[i].addresses.GetAddress(0), 1);
  }

  UdpEchoServerHelper(kPort).Install(sides[1].pods.Get(0)).Start(Seconds(0));
  UdpEchoClientHelper client(sides[1].addresses.GetAddress(1), kPort);
  client.SetAttribute("MaxPackets", UintegerValue(count));
  client.SetAttribute("PacketSize", UintegerValue(kPayload));
  client.SetAttribute("Interval", TimeValue(MilliSeconds(1)));
  ApplicationContainer sending = client.Install(sides[0].pods.Get(0));
  sending.Start(Seconds(1));
  sending.Get(0)->TraceConnectWithoutContext("Rx", MakeCallback(&CountAnswer));
  if (argc > 2) cable.EnablePcapAll(std::string(argv[2]) + "/capture", true);

  const double seconds = Run(count);
  Simulator::Destroy();
  if (answers != count) {
    std::cerr << answers << " of " << count << " datagrams were answered\n";
    return EXIT_FAILURE;
  }
  std::cout << seconds << '\n';
  return EXIT_SUCCESS;
}
