<?xml version="1.0" encoding="UTF-8"?>
<tileset name="office" version="1.10" tiledversion="1.10.2" tilewidth="32" tileheight="32" tilecount="4" columns="2" margin="1" spacing="2">
 <image source="office.png" width="68" height="68" />
 <tile id="2">
  <properties>
   <property name="collides" type="bool" value="true" />
  </properties>
 </tile>
</tileset>
