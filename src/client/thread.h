// Threads of our own.
#pragma once

#include <functional>
#include <thread>

namespace hyperwright::client {

// Runs `work` on a thread in which all signals are blocked: they are for the main thread.
std::thread start_thread(std::function<void()> work);

}  // namespace hyperwright::client
