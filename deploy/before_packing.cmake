# before_packing.cmake - run by CPack before anything else: refuses what would become no sound package, though CPack
# itself would make it without a word. CPACK_HF_REFUSALS is what packages.cmake has against this build.
cmake_policy(VERSION 3.25)
foreach(reason IN LISTS CPACK_HF_REFUSALS)
  message(FATAL_ERROR "This build cannot be packed: ${reason}")
endforeach()

# Without it packages would depend on no library; it needs the other to know one when it sees it.
foreach(tool dpkg-shlibdeps file)
  find_program(HF_FOUND_${tool} ${tool})
  if(NOT HF_FOUND_${tool})
    message(FATAL_ERROR "Packages cannot be made without ${tool}: run deploy/install_packages.sh")
  endif()
endforeach()

# The date of every file in the packages.
if("$ENV{SOURCE_DATE_EPOCH}" STREQUAL "")
  set(ENV{SOURCE_DATE_EPOCH} ${CPACK_HF_EPOCH})
endif()
