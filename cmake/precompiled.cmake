# Headers that nearly every file includes are parsed once, for the rooms and for their tests: about a quarter of a cold
# build. A file includes what it uses all the same; the release preset builds without this and finds one that does not.
option(HYPERWRIGHT_PRECOMPILE "Precompile the headers that nearly every file includes" OFF)
if(HYPERWRIGHT_PRECOMPILE)
  set(PRECOMPILED_HEADERS <algorithm> <array> <cstdint> <deque> <functional> <map> <memory> <optional> <set> <span>
      <string> <string_view> <tuple> <utility> <variant> <vector> <boost/json.hpp> <fmt/format.h> <fmt/ranges.h>
      <tl/expected.hpp>)
  file(WRITE ${CMAKE_BINARY_DIR}/precompiled.cpp "")

  add_library(precompiled OBJECT ${CMAKE_BINARY_DIR}/precompiled.cpp)
  target_link_libraries(precompiled PRIVATE hyperwright_compile fmt::fmt tl::expected Boost::json)
  target_precompile_headers(precompiled PRIVATE ${PRECOMPILED_HEADERS})

  add_library(precompiled_for_tests OBJECT ${CMAKE_BINARY_DIR}/precompiled.cpp)
  target_link_libraries(precompiled_for_tests PRIVATE hyperwright_compile fmt::fmt tl::expected Boost::json GTest::gmock
                        GTest::gtest_main rapidcheck)
  target_precompile_headers(precompiled_for_tests PRIVATE ${PRECOMPILED_HEADERS} <gmock/gmock.h> <gtest/gtest.h>
                            <rapidcheck/gtest.h>)
endif()

# precompile(<target> <precompiled | precompiled_for_tests>)
function(precompile TARGET FROM)
  if(HYPERWRIGHT_PRECOMPILE)
    target_precompile_headers(${TARGET} REUSE_FROM ${FROM})
    target_compile_options(${TARGET} PRIVATE -fpch-preprocess)
  endif()
endfunction()
