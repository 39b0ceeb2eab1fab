-- What a dump can hold: every kind of column that a panel may have, with values that are hard to
-- write down. Loaded into a real server, dumped by the real client.
SET sql_mode='';
SET NAMES utf8mb4;
CREATE DATABASE kinds CHARACTER SET utf8mb4;
USE kinds;
CREATE TABLE kinds (
  id int unsigned NOT NULL AUTO_INCREMENT,
  tiny tinyint, small smallint unsigned, mid mediumint zerofill, big bigint unsigned, signed_big bigint,
  dec_a decimal(30,10), dec_b decimal(5,0) unsigned, fl float, db double, db2 double(8,2),
  flag bit(1), flags bit(12), wide bit(64),
  d date, dt datetime, dt6 datetime(6), ts timestamp NULL, ts3 timestamp(3) NULL, t time(2), y year,
  c char(10) CHARACTER SET latin1, v varchar(200) CHARACTER SET utf8mb4,
  a varchar(50) CHARACTER SET ascii, u2 varchar(50) CHARACTER SET ucs2,
  cy varchar(60) CHARACTER SET cp1251, jp varchar(60) CHARACTER SET sjis,
  tx text CHARACTER SET latin1, lt longtext CHARACTER SET utf8mb4,
  b binary(6), vb varbinary(300), bl blob, lb longblob,
  e enum('yes','n''o','back\\slash','','a,b);') CHARACTER SET utf8mb4, s set('a','b','c d'),
  j json, uu uuid, i6 inet6, p point,
  gv varchar(220) CHARACTER SET utf8mb4 GENERATED ALWAYS AS (concat(v,'!')) VIRTUAL,
  gs bigint GENERATED ALWAYS AS (signed_big + 1) STORED,
  last int COMMENT 'it''s the last; (really)',
  PRIMARY KEY (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

INSERT INTO kinds (id) VALUES (1);
INSERT INTO kinds (id,tiny,small,mid,big,signed_big,dec_a,dec_b,fl,db,db2,flag,flags,wide,d,dt,dt6,ts,ts3,t,y,c,v,a,u2,cy,jp,tx,lt,b,vb,bl,lb,e,s,j,uu,i6,p,last) VALUES
(2,-128,65535,42,18446744073709551615,-9223372036854775808,-12345678901234567890.0123456789,99999,-1.5e20,2.2250738585072014e-308,-999999.99,b'1',b'101010101010',b'1111111111111111111111111111111111111111111111111111111111111111','0000-00-00','0000-00-00 00:00:00','0000-00-00 00:00:00','0000-00-00 00:00:00',NULL,'-838:59:59',0000,'café','it''s "q" \\ back \n new \r cr \t tab \0 nul \Z end `tick` % _ \\% \\_','plain','ucs \\ ''','Привет ''мир''','表示ソ''ソ','crème\nbrûlée €','\\',x'000102',x'00270a0d5c1a22ff5c',x'00275c225c5c0a0d1a',x'ffd8ffe000104a464946','n''o','a,c d','{"a": "it''s \\"x\\"", "b": [1, null]}','12345678-1234-5678-1234-567812345678','::1',ST_GeomFromText('POINT(1 -2.5)'),-7),
(3,0,0,0,0,0,0,0,0,0,0,b'0',b'0',b'1100000000000000000','2022-00-00','2022-03-27 02:30:00','2022-03-27 02:30:00.123456','2022-03-27 01:30:00','2022-10-30 00:30:00.999','00:00:00.5',2022,'ab ','😀 ''emoji'' été','','','','','','NULL',x'',x'',x'5c27',x'','back\\slash','','null',NULL,NULL,NULL,0),
(4,127,1,8388607,1,9223372036854775806,0.0000000001,0,0.1,-1.7976931348623157e308,0.01,NULL,NULL,NULL,'9999-12-31','9999-12-31 23:59:59','1000-01-01 00:00:00','2038-01-19 03:14:07','1970-01-01 05:30:01','838:59:59',2155,'''','''','''','''','''','''','''','''',x'27',x'27',x'27',x'27','a,b);','b','"\\u0000"','ffffffff-ffff-ffff-ffff-ffffffffffff','2001:db8::ff00:42:8329',ST_GeomFromText('POINT(0 0)'),2147483647),
(5,-1,2,3,4,-5,-0.5,6,-7.25,8e-5,-9.1,b'1',b'100111',b'1011100','2022-12-31','2022-12-31 23:59:59','2022-12-31 23:59:59.999999','2022-12-31 23:59:59','2022-12-31 23:59:59.999','-00:00:01','1901','),(','),(1,''x''','/* c */','-- no','; DROP','#','*/ ;;','DELIMITER $$\n$$',x'292c28',x'2f2a',x'2d2d20',x'3b0a','yes','a','[]',NULL,NULL,NULL,-2147483648);
INSERT INTO kinds (id,lt,lb) VALUES (6,REPEAT('wide \\'' text ',9000),REPEAT(x'00275c0aff',60000));

-- Without a key, and with rows that are alike.
CREATE TABLE alike (a varchar(20), b int) ENGINE=MyISAM DEFAULT CHARSET=latin1;
INSERT INTO alike VALUES ('x',1),('x',1),(NULL,NULL),('',0),('é',-1);

CREATE TABLE nothing (a int) ENGINE=InnoDB;

DELIMITER $$
CREATE TRIGGER tells BEFORE INSERT ON alike FOR EACH ROW
BEGIN
  SET NEW.b = COALESCE(NEW.b, 0);
  IF NEW.a = 'never' THEN INSERT INTO alike VALUES ('from a trigger',99),('and; another',98); END IF;
END$$
CREATE PROCEDURE writes() BEGIN INSERT INTO kinds.alike VALUES ('from a procedure',97); END$$
DELIMITER ;
CREATE VIEW seen AS SELECT a, b FROM alike;

-- Names that only quotes make possible.
CREATE DATABASE `odd names` CHARACTER SET latin1;
USE `odd names`;
CREATE TABLE `in``sert into (x` (
  `od``d na"me` int, `select` varchar(10) DEFAULT 'a''b', `é, (` varchar(10), PRIMARY KEY (`od``d na"me`)
) ENGINE=InnoDB;
INSERT INTO `in``sert into (x` VALUES (1,'a','b'),(2,NULL,'''');
