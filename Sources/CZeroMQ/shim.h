// ZeroMQ as Swift can call it.
#pragma once
#include <zmq.h>
