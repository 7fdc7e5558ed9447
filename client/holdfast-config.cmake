# find_package(holdfast) - holdfast::holdfast, the shared library, and holdfast::holdfast_static.
include(CMakeFindDependencyMacro)
find_dependency(Threads)
include(${CMAKE_CURRENT_LIST_DIR}/holdfast-targets.cmake)
