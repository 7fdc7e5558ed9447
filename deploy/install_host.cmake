# install_host.cmake - at installation: the files that name where other files are, or that are not to be
# overwritten. Run by `cmake --install` and CPack, which know the prefix.
#
#   HF_DEPLOY  this folder     HF_WORK  a folder to work in
#
# Under /usr the configuration belongs into /etc; under any other prefix into that one's own etc.
set(HF_SBINDIR ${CMAKE_INSTALL_PREFIX}/sbin)
set(HF_BINDIR ${CMAKE_INSTALL_PREFIX}/bin)
set(HF_SYSCONFDIR ${CMAKE_INSTALL_PREFIX}/etc)
if(CMAKE_INSTALL_PREFIX STREQUAL "/usr")
  set(HF_SYSCONFDIR /etc)
endif()

# One text for the unit of the one instance and for the template.
function(install_unit source HF_UNIT)
  configure_file(${HF_DEPLOY}/systemd/${source} ${HF_WORK}/${HF_UNIT} @ONLY)
  file(INSTALL ${HF_WORK}/${HF_UNIT} DESTINATION ${CMAKE_INSTALL_PREFIX}/lib/systemd/system)
endfunction()
set(HF_INSTANCE holdfast)
set(HF_UNIT_TITLE "the instance that ${HF_SYSCONFDIR}/holdfast/holdfast.conf describes")
install_unit(holdfastd.service.in holdfastd.service)
set(HF_UNIT_TITLE "shows the instance that ${HF_SYSCONFDIR}/holdfast/holdfast.conf describes over HTTP")
set(HF_UNIT_LISTEN "Without that file it is 127.0.0.1:9630.")
set(HF_UNIT_SETTINGS "Environment=HF_LISTEN=127.0.0.1:9630\nEnvironmentFile=-${HF_SYSCONFDIR}/holdfast/holdfast.exporter")
install_unit(holdfast-exporter.service.in holdfast-exporter.service)

set(HF_INSTANCE %i)
set(HF_UNIT_SUFFIX ", instance %i")
set(HF_UNIT_TITLE "the instance NAME that ${HF_SYSCONFDIR}/holdfast/NAME.conf describes, as holdfastd@NAME.service")
set(HF_UNIT_SETTINGS " --set instance.name=%i")
install_unit(holdfastd.service.in holdfastd@.service)
set(HF_UNIT_TITLE "shows the instance NAME over HTTP, as holdfast-exporter@NAME.service")
set(HF_UNIT_LISTEN "Without that file it does not start: each instance needs a port of its own.")
set(HF_UNIT_SETTINGS "EnvironmentFile=${HF_SYSCONFDIR}/holdfast/%i.exporter")
install_unit(holdfast-exporter.service.in holdfast-exporter@.service)

# In the repository the runbook's links lead to the folders beside it, and its command into this folder.
file(READ ${HF_DEPLOY}/RUNBOOK.md runbook)
string(REGEX REPLACE "\\((grafana|prometheus)/" "(../../holdfast/\\1/" runbook "${runbook}")
string(REPLACE "deploy/capacity.sh" "${CMAKE_INSTALL_PREFIX}/share/doc/holdfast/capacity.sh" runbook "${runbook}")
file(WRITE ${HF_WORK}/RUNBOOK.md "${runbook}")
file(INSTALL ${HF_WORK}/RUNBOOK.md DESTINATION ${CMAKE_INSTALL_PREFIX}/share/doc/holdfast)

set(file ${HF_SYSCONFDIR}/holdfast/holdfast.conf)
if(EXISTS $ENV{DESTDIR}${file})
  message(STATUS "Kept: $ENV{DESTDIR}${file}")
else()
  file(INSTALL ${HF_DEPLOY}/holdfast.conf DESTINATION ${HF_SYSCONFDIR}/holdfast)
endif()
